package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.scanline.v1.Cadence;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.CancelImage;
import io.scanline.v1.Continue;
import io.scanline.v1.FinishReason;
import io.scanline.v1.GenerateInteractiveRequest;
import io.scanline.v1.GenerateInteractiveResponse;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.OnDisconnect;
import io.scanline.v1.Pause;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Generations that are steered while they run, over the loopback interface, one value at a time. */
@Timeout(60)
class InteractiveTest {
    private static final int STEPS = 16;
    private ScriptedEngine engine;
    private TestServer server;
    private EventReader<GenerateInteractiveRequest, GenerateInteractiveResponse> reader;
    private StreamObserver<GenerateInteractiveRequest> steering;

    @BeforeEach
    void start() {
        engine = new ScriptedEngine(4, 4);
        server = new TestServer(engine);
        call();
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.close();
    }

    private void call() {
        reader = EventReader.ofInteractive();
        steering = server.generation().generateInteractive(reader);
    }

    private static GenerateInteractiveRequest.Builder message() {
        return GenerateInteractiveRequest.newBuilder();
    }

    private static GenerateInteractiveRequest cadence(CadenceMode mode, int millis) {
        return message().setCadence(Cadence.newBuilder().setMode(mode).setIntervalMs(millis)).build();
    }

    private ScriptedGeneration started(CadenceMode mode, int count) throws InterruptedException {
        steering.onNext(message().setStart(TestServer.request(mode).setCount(count)).build());
        ScriptedGeneration generation = engine.next();
        assertThat(reader.next().hasStarted()).isTrue();
        return generation;
    }

    private void assertRefused(Status.Code code, String reason, String field) throws Exception {
        assertThat(reader.end().getCode()).isEqualTo(code);
        assertThat(ErrorDetails.of(reader.error()).reason()).isEqualTo(reason);
        assertThat(ErrorDetails.of(reader.error()).field()).isEqualTo(field);
    }

    @Test
    void pausesAndGoesOn() throws Exception {
        ScriptedGeneration generation = started(CadenceMode.CADENCE_MODE_PIXEL, 1);
        steering.onNext(message().setPause(Pause.getDefaultInstance()).build());
        TestServer.await(generation::paused);
        steering.onNext(message().setContinue(Continue.getDefaultInstance()).build());
        TestServer.await(() -> !generation.paused());
        steering.onCompleted(); // ends the steering only
        generation.finish();
        assertThat(reader.end()).isEqualTo(Status.OK);
        TestServer.assertRebuilt(reader.all(), new byte[0]);
    }

    @Test
    void cadenceChangesWithoutLosingOrRepeatingAValue() throws Exception {
        List<CadenceMode> modes = List.of(
                CadenceMode.CADENCE_MODE_PIXEL, CadenceMode.CADENCE_MODE_ROW, CadenceMode.CADENCE_MODE_INTERVAL,
                CadenceMode.CADENCE_MODE_PREVIEW, CadenceMode.CADENCE_MODE_FINAL);
        Random random = new Random(2);
        for (int round = 0; round < 25; round++) {
            call();
            ScriptedGeneration generation = started(modes.get(round % modes.size()), 2);
            for (int value = 0; value < STEPS; value++) {
                generation.decide(1);
                steering.onNext(cadence(modes.get(random.nextInt(modes.size())), 1));
            }
            assertThat(reader.end()).isEqualTo(Status.OK);
            TestServer.assertRebuilt(reader.all(), new byte[0]);
        }
    }

    @Test
    void newCadenceCountsFromTheMiddleOfAnImage() throws Exception {
        ScriptedGeneration generation = started(CadenceMode.CADENCE_MODE_FINAL, 1);
        generation.decide(6);
        steering.onNext(cadence(CadenceMode.CADENCE_MODE_ROW, 0));
        assertThat(reader.next().getPixels().getValues().size()).isEqualTo(4);
        steering.onNext(cadence(CadenceMode.CADENCE_MODE_PIXEL, 0));
        assertThat(reader.next().getPixels().getValues().size()).isEqualTo(2);
        steering.onNext(cadence(CadenceMode.CADENCE_MODE_FINAL, 0));
        steering.onNext(message().setPause(Pause.getDefaultInstance()).build());
        TestServer.await(generation::paused); // what was said before has been heard
        generation.decide(9);
        generation.finish();
        assertThat(reader.end()).isEqualTo(Status.OK);
        TestServer.assertRebuilt(reader.all(), new byte[0]);
    }

    @Test
    void oneImageIsCancelledAndTheOthersGoOn() throws Exception {
        ScriptedGeneration generation = started(CadenceMode.CADENCE_MODE_ROW, 2);
        generation.decide(3);
        steering.onNext(message().setCancelImage(CancelImage.newBuilder().setImageIndex(0)).build());
        GenerateResponse rest = reader.next();
        assertThat(rest.getPixels().getImageIndex()).isZero();
        assertThat(rest.getPixels().getValues().size()).isEqualTo(3);
        generation.finish();
        assertThat(reader.end()).isEqualTo(Status.OK);
        var finished = reader.all().get(reader.all().size() - 1).getFinished();
        assertThat(finished.getImages(0).getFinishReason()).isEqualTo(FinishReason.FINISH_REASON_CANCELLED);
        assertThat(finished.getImages(1).getFinishReason()).isEqualTo(FinishReason.FINISH_REASON_COMPLETE);
    }

    @Test
    void brokenCallStopsItsGeneration() throws Exception {
        ScriptedGeneration generation = started(CadenceMode.CADENCE_MODE_PIXEL, 1);
        reader.cancel();
        generation.cancelled().get(10, TimeUnit.SECONDS);
    }

    @Test
    void wrongSteeringEndsTheCallAndHoldsWhatIsToBeHeld() throws Exception {
        steering.onNext(message().setStart(TestServer.request(CadenceMode.CADENCE_MODE_PIXEL)
                .setOnDisconnect(OnDisconnect.ON_DISCONNECT_FINISH_AND_HOLD)).build());
        ScriptedGeneration generation = engine.next();
        reader.next();
        steering.onNext(message().setCancelImage(CancelImage.newBuilder().setImageIndex(1)).build());
        assertRefused(Status.Code.INVALID_ARGUMENT, "IMAGE_INDEX_OUT_OF_RANGE", "image_index");
        assertThat(generation.cancelled()).isNotDone();
        assertThat(server.registry.get("scanline.held.generations").gauge().value()).isEqualTo(1);
    }

    @Test
    void firstMessageMustBeTheStart() throws Exception {
        steering.onNext(message().setPause(Pause.getDefaultInstance()).build());
        assertRefused(Status.Code.INVALID_ARGUMENT, "FIELD_REQUIRED", "start");
        call();
        steering.onCompleted();
        assertRefused(Status.Code.INVALID_ARGUMENT, "FIELD_REQUIRED", "start");
    }

    @Test
    void startMustNotBeRepeated() throws Exception {
        ScriptedGeneration generation = started(CadenceMode.CADENCE_MODE_PIXEL, 1);
        steering.onNext(message().setStart(TestServer.request(CadenceMode.CADENCE_MODE_PIXEL)).build());
        assertRefused(Status.Code.INVALID_ARGUMENT, "STARTED_TWICE", "start");
        generation.cancelled().get(10, TimeUnit.SECONDS);
    }

    @Test
    void emptyMessageAndUnknownCadenceAreRefused() throws Exception {
        started(CadenceMode.CADENCE_MODE_PIXEL, 1);
        steering.onNext(message().build());
        assertRefused(Status.Code.INVALID_ARGUMENT, "FIELD_REQUIRED", "action");
        call();
        started(CadenceMode.CADENCE_MODE_PIXEL, 1);
        steering.onNext(message().setCadence(Cadence.newBuilder().setModeValue(77)).build());
        assertRefused(Status.Code.INVALID_ARGUMENT, "ENUM_UNKNOWN", "cadence.mode");
    }

    @Test
    void refusedStartEndsTheCall() throws Exception {
        steering.onNext(message().setStart(TestServer.request(CadenceMode.CADENCE_MODE_PIXEL).setOnDisconnectValue(7))
                .build());
        assertRefused(Status.Code.INVALID_ARGUMENT, "ENUM_UNKNOWN", "on_disconnect");
    }
}
