package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Reason;
import io.scanline.v1.DecodeRequest;
import io.scanline.v1.EncodeRequest;
import io.scanline.v1.InterpolateRequest;
import io.scanline.v1.InterpolateResponse;
import io.scanline.v1.InterpolationEnd;
import io.scanline.v1.LatentServiceGrpc;
import io.scanline.v1.ModelSelector;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Flow control of Interpolate, and the ends that the other calls come to, with frames of 32 KiB. */
@Timeout(60)
class InterpolationStreamTest {
    private static final int FRAMES = 200;

    private ScriptedEngine engine;
    private TestServer server;

    @BeforeEach
    void start() {
        engine = new ScriptedEngine(4, 4);
        server = new TestServer(engine);
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.close();
    }

    /** A reader that reads when told. */
    private static final class Reader implements ClientResponseObserver<InterpolateRequest, InterpolateResponse> {
        final BlockingQueue<InterpolateResponse> frames = new LinkedBlockingQueue<>();
        final CompletableFuture<Status> end = new CompletableFuture<>();
        ClientCallStreamObserver<InterpolateRequest> call;

        @Override
        public void beforeStart(ClientCallStreamObserver<InterpolateRequest> started) {
            call = started;
            started.disableAutoRequestWithInitial(1);
        }

        @Override
        public void onNext(InterpolateResponse frame) {
            frames.add(frame);
        }

        @Override
        public void onError(Throwable failure) {
            end.complete(Status.fromThrowable(failure));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }
    }

    private static InterpolateRequest request() {
        InterpolationEnd end = InterpolationEnd.newBuilder().setImage(ByteString.EMPTY).build();
        return InterpolateRequest.newBuilder()
                .setModel(ModelSelector.newBuilder().setName(ScriptedEngine.SERVING))
                .setFrom(end)
                .setTo(end)
                .setFrames(FRAMES)
                .build();
    }

    private Reader open() throws InterruptedException {
        Reader reader = new Reader();
        LatentServiceGrpc.newStub(server.channel).interpolate(request(), reader);
        assertThat(reader.frames.poll(20, TimeUnit.SECONDS)).isNotNull();
        return reader;
    }

    @Test
    void slowReaderIsSentNoMoreThanItsWindowHolds() throws Exception {
        Reader reader = open();
        // Another call on the same server: when it is answered, whatever could be sent has been sent.
        assertThat(server.server.drain(Duration.ofMillis(50))).isFalse();
        // 64 KiB of window, gRPC's 32 KiB beyond it and the frame that fills it.
        assertThat(engine.latents().taken.get()).isBetween(1, 6);

        reader.call.request(FRAMES);
        assertThat(reader.end.get(20, TimeUnit.SECONDS)).isEqualTo(Status.OK);
        assertThat(reader.frames).hasSize(FRAMES - 1); // the first was taken above
        assertThat(server.server.drain(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void cancelledCallCancelsTheInterpolation() throws Exception {
        Reader reader = open();
        reader.call.cancel("enough", null);
        assertThat(engine.latents().cancelled).succeedsWithin(Duration.ofSeconds(20));
        assertThat(server.server.drain(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void earlyEndIsToldWithItsReason() throws Exception {
        Reader reader = open();
        engine.latents().fail(EngineException.of(Reason.DEADLINE_EXCEEDED, "the deadline passed"));
        reader.call.request(FRAMES);
        assertThat(reader.end.get(20, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }

    @Test
    void callerWhoGivesUpTakesTheEnginesPromiseBack() {
        var impatient = LatentServiceGrpc.newBlockingStub(server.channel).withDeadlineAfter(300, TimeUnit.MILLISECONDS);
        EncodeRequest request = EncodeRequest.newBuilder()
                .setModel(ModelSelector.newBuilder().setName(ScriptedEngine.SERVING))
                .build();
        StatusRuntimeException late =
                catchThrowableOfType(StatusRuntimeException.class, () -> impatient.encode(request));
        assertThat(late.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(engine.latents().encoded)
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableOfType(CancellationException.class);
    }

    @Test
    void faultOfOursTellsNothing() throws Exception {
        DecodeRequest request = DecodeRequest.newBuilder()
                .setModel(ModelSelector.newBuilder().setName(ScriptedEngine.SERVING))
                .build();
        StatusRuntimeException fault = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> LatentServiceGrpc.newBlockingStub(server.channel).decode(request));
        assertThat(fault.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(fault.getStatus().getDescription()).doesNotContain("secret");
        assertThat(ErrorDetails.of(fault).reason()).isEqualTo("INTERNAL");
    }

    @Test
    void webPortStreamsFrames() throws Exception {
        try (WebReader reader = new WebReader(HttpClient.newHttpClient(), server.server.webPort(),
                "scanline.v1.LatentService/Interpolate", request())) {
            for (int i = 0; i < FRAMES; i++) {
                assertThat(reader.next(InterpolateResponse.parser()).getIndex()).isEqualTo(i);
            }
            assertThat(reader.next(InterpolateResponse.parser())).isNull();
            assertThat(reader.trailers()).contains("grpc-status: 0");
        }
    }
}
