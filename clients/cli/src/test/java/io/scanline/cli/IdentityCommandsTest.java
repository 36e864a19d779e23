package io.scanline.cli;

import static io.scanline.cli.Events.bytes;
import static io.scanline.cli.Events.event;
import static io.scanline.cli.Events.finished;
import static io.scanline.cli.Events.grey;
import static io.scanline.cli.Events.pixels;
import static io.scanline.cli.Events.started;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.scanline.cli.draw.TerminalSize;
import io.scanline.v1.FinishReason;
import io.scanline.v1.Finished;
import io.scanline.v1.Fork;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.OnDisconnect;
import io.scanline.v1.ResumeResponse;
import io.scanline.v1.Started;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Generations that are held, taken up again, given up and forked. */
@Timeout(60)
class IdentityCommandsTest {
    private static final byte[] FIRST = bytes(0, 1, 2, 3);
    private static final byte[] SECOND = bytes(3, 3, 0, 1);
    private static final Started STARTED = started(grey(2, 2, 4)).toBuilder().setImages(2).build();

    private FakeServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = new FakeServer();
    }

    @AfterEach
    void stopServer() throws InterruptedException {
        server.close();
    }

    private void generatesAndBreaks(Throwable failure) {
        server.generate = (request, responses) -> {
            responses.onNext(event(STARTED));
            responses.onNext(event(pixels(0, 0, 0, 0, 1, 2)));
            responses.onNext(event(pixels(1, 1, 0, 3)));
            responses.onError(failure);
        };
    }

    private void resumesWith(GenerateResponse... events) {
        server.resume = (request, responses) -> {
            for (GenerateResponse event : events) {
                responses.onNext(ResumeResponse.newBuilder().setResponse(event).build());
            }
            responses.onCompleted();
        };
    }

    private CommandResult run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--target", server.target()));
        return CommandResult.of(all.toArray(String[]::new));
    }

    @Test
    void lostConnectionIsTakenUpAgainWhereItBroke() {
        generatesAndBreaks(Status.UNAVAILABLE.asRuntimeException());
        AtomicInteger tries = new AtomicInteger();
        server.resume = (request, responses) -> {
            assertThat(request.getGenerationId()).isEqualTo(STARTED.getGenerationId());
            if (tries.getAndIncrement() == 0) {
                responses.onError(Status.UNAVAILABLE.asRuntimeException());
                return;
            }
            assertThat(request.getNextIndexList()).containsExactly(3, 1);
            for (GenerateResponse event : List.of(
                    event(STARTED), event(pixels(0, 1, 1, 3, 0, 1)), event(pixels(1, 0, 3, 3)),
                    event(finished(FIRST, SECOND)))) {
                responses.onNext(ResumeResponse.newBuilder().setResponse(event).build());
            }
            responses.onCompleted();
        };

        CommandResult result = run("generate", "--model", "tiny", "--count", "2", "--hold", "60s");

        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isZero();
        assertThat(tries).hasValue(2);
        assertThat(server.generateRequest.getOnDisconnect()).isEqualTo(OnDisconnect.ON_DISCONNECT_FINISH_AND_HOLD);
        assertThat(server.generateRequest.getHoldMs()).isEqualTo(60_000);
        assertThat(result.lines().get(0)).isEqualTo("held: scanline resume generation-1");
        assertThat(result.out()).contains("sha256 verified");
    }

    @Test
    void liveViewSaysHowToComeBackAbovePictures() {
        server.generate = (request, responses) -> {
            responses.onNext(event(STARTED));
            responses.onNext(event(pixels(0, 0, 0, 0, 1, 2, 3)));
            responses.onError(Status.DATA_LOSS.asRuntimeException());
        };
        CommandResult result = CommandResult.inTerminal(
                Map.of("TERM", "xterm"), new TerminalSize(80, 24),
                "generate", "--model", "tiny", "--count", "2", "--hold", "5m", "--target", server.target());
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).contains("held: scanline resume generation-1");
        assertThat(server.generateRequest.getHoldMs()).isEqualTo(300_000);
    }

    @Test
    void whatTheServerItselfSaysIsNotAskedAgain() {
        generatesAndBreaks(StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                .setCode(Code.UNAVAILABLE_VALUE)
                .setMessage("the server is shutting down")
                .addDetails(Any.pack(ErrorInfo.newBuilder().setReason("SHUTTING_DOWN").build()))
                .build()));
        CommandResult result = run("generate", "--model", "tiny", "--count", "2", "--hold", "60s");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).startsWith("UNAVAILABLE SHUTTING_DOWN: ");
    }

    @Test
    void connectionThatStaysLostIsGivenUpWhenTheHoldIsOver() {
        generatesAndBreaks(Status.UNAVAILABLE.asRuntimeException());
        server.resume = (request, responses) -> responses.onError(Status.UNAVAILABLE.asRuntimeException());
        CommandResult result = run("generate", "--model", "tiny", "--count", "2", "--hold", "300ms");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).startsWith("UNAVAILABLE");
    }

    @Test
    void withoutHoldALostConnectionIsTheEnd() {
        generatesAndBreaks(Status.UNAVAILABLE.asRuntimeException());
        CommandResult result = run("generate", "--model", "tiny", "--count", "2");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(server.generateRequest.getOnDisconnect()).isEqualTo(OnDisconnect.ON_DISCONNECT_UNSPECIFIED);
    }

    @Test
    void anotherGenerationInPlaceOfTheRestIsAViolation() {
        generatesAndBreaks(Status.UNAVAILABLE.asRuntimeException());
        resumesWith(event(STARTED.toBuilder().setGenerationId("other").build()));
        CommandResult result = run("generate", "--model", "tiny", "--count", "2", "--hold", "60s");
        assertThat(result.err()).startsWith("DATA_LOSS: another generation");
    }

    @Test
    void holdThatIsNoTimeIsABadArgument() {
        for (String time : List.of("soon", "0s", "-1s", "60h", "999999999m")) {
            CommandResult result = run("generate", "--model", "tiny", "--hold", time);
            assertThat(result.exitCode()).as(time).isEqualTo(2);
            assertThat(result.err()).contains("--hold must be a time such as 500ms, 60s or 5m, not " + time);
        }
    }

    @Test
    void resumeTakesUpAllOfIt() {
        resumesWith(
                event(STARTED), event(pixels(0, 0, 0, 0, 1, 2, 3)), event(pixels(1, 1, 0, 3, 3, 0, 1)),
                event(finished(FIRST, SECOND)));
        CommandResult result = run("resume", "generation-1");
        assertThat(result.err()).isEmpty();
        assertThat(server.resumeRequest.getWhole()).isTrue();
        assertThat(server.resumeRequest.getGenerationId()).isEqualTo("generation-1");
        assertThat(result.out()).contains("2 images of 2x2").contains("sha256 verified");
    }

    @Test
    void resumeOfAnImplausibleNumberOfImagesIsRefused() {
        resumesWith(event(STARTED.toBuilder().setImages(-1).build()));
        assertThat(run("resume", "generation-1").err()).startsWith("DATA_LOSS: the server announced 4294967295 images");
    }

    @Test
    void imageThatWasGivenUpIsShownAsFarAsItGoes() {
        Finished.Builder ends = finished(FIRST, SECOND).toBuilder();
        ends.getImagesBuilder(1).setFinishReason(FinishReason.FINISH_REASON_CANCELLED).setSha256(ByteString.EMPTY);
        resumesWith(
                event(STARTED), event(pixels(0, 0, 0, 0, 1, 2, 3)), event(pixels(1, 1, 0, 3, 3)),
                event(ends.build()));
        CommandResult result = run("resume", "generation-1");
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("1 image (1 given up) of 2x2");
    }

    @Test
    void cancelSaysHowManyImagesItGaveUp() {
        server.cancelled(3);
        CommandResult all = run("cancel", "generation-1");
        assertThat(all.out()).isEqualTo("gave up 3 images\n");
        assertThat(server.cancelRequest.hasImageIndex()).isFalse();
        server.cancelled(1);
        assertThat(run("cancel", "generation-1", "--image", "2").out()).isEqualTo("gave up 1 image\n");
        assertThat(server.cancelRequest.getImageIndex()).isEqualTo(2);
        assertThat(run("cancel", "generation-1", "--image", "-1").exitCode()).isEqualTo(2);
    }

    @Test
    void forkSaysWhereAndWhatElse() {
        server.generate = (request, responses) -> {
            responses.onNext(event(STARTED));
            responses.onNext(event(pixels(0, 0, 0, 0, 1, 2, 3)));
            responses.onNext(event(finished(FIRST)));
            responses.onCompleted();
        };
        CommandResult result = run(
                "fork", "generation-1", "--image", "1", "--steps", "2", "--seed", "9", "--class", "Bag",
                "--temperature", "0.5");
        assertThat(result.err()).isEmpty();
        assertThat(server.generateRequest.getFork()).isEqualTo(
                Fork.newBuilder().setGenerationId("generation-1").setImageIndex(1).setSteps(2).build());
        assertThat(server.generateRequest.hasModel()).isFalse();
        assertThat(server.generateRequest.getSeed()).isEqualTo(9);
        assertThat(server.generateRequest.getLabel().getName()).isEqualTo("Bag");
        assertThat(server.generateRequest.getSampling().getTemperature()).isEqualTo(0.5f);
        assertThat(run("fork", "generation-1").exitCode()).isEqualTo(2);
    }
}
