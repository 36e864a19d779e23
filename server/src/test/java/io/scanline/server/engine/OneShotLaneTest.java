package io.scanline.server.engine;

import static io.scanline.server.engine.TinyLatents.RGBA;
import static io.scanline.server.engine.TinyLatents.VAE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.engine.InterpolationRequest.LatentEnd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits, who is dropped and who is refused. */
@Timeout(60)
class OneShotLaneTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private DecodingEngine engine;

    @BeforeEach
    void open() {
        engine = DecodingEngine.open(new EngineConfig(TinyBundle.repository(), 1, 19, 16, 1, 1 << 20), meters);
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private static InterpolationRequest frames(int frames, long deadlineNanos) {
        return new InterpolationRequest(
                RGBA, "", ClassSelector.NONE, new LatentEnd(TinyLatents.latent(RGBA, 1)),
                new LatentEnd(TinyLatents.latent(RGBA, 2)), frames, LatentPath.LINEAR, deadlineNanos);
    }

    private double decoded() {
        return meters.get("scanline.oneshot.batch.size")
                .tags("model", RGBA, "graph", "decoder")
                .summary()
                .totalAmount();
    }

    private double atHand(String model) {
        return meters.get("scanline.oneshot.queue.depth").tag("model", model).gauge().value();
    }

    private Interpolation unread(int frames, long deadlineNanos) throws EngineException {
        Interpolation interpolation = engine.interpolate(frames(frames, deadlineNanos), () -> {});
        Await.until("the first frames are there", () -> decoded() >= InterpolateTask.AHEAD);
        return interpolation;
    }

    @Test
    void framesThatNobodyTakesAreNotDecoded() throws Exception {
        Interpolation unread = unread(200, Long.MAX_VALUE);
        TinyLatents.get(engine.decode(TinyLatents.decode(RGBA, List.of(TinyLatents.latent(RGBA, 3)))));
        assertThat(decoded()).isEqualTo(InterpolateTask.AHEAD + 1); // one is the other request's

        unread.poll().orElseThrow();
        unread.poll().orElseThrow();
        Await.until("as many are decoded as were taken", () -> decoded() >= InterpolateTask.AHEAD + 3);
        TinyLatents.get(engine.decode(TinyLatents.decode(RGBA, List.of(TinyLatents.latent(RGBA, 3)))));
        assertThat(decoded()).isEqualTo(InterpolateTask.AHEAD + 4);

        assertThat(TinyLatents.frames(unread)).hasSize(198);
        assertThat(atHand(RGBA)).isZero();
    }

    @Test
    void deadlineEndsAnInterpolationThatWaitsForItsReader() throws Exception {
        Interpolation late = unread(200, System.nanoTime() + 1_000_000_000L);
        Await.until("the deadline has passed", () -> late.failure().isPresent());
        assertThat(late.failure().orElseThrow().reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
        assertThat(atHand(RGBA)).isZero();
    }

    @Test
    void cancelFreesTheRoomAtOnce() throws Exception {
        CountDownLatch toldTwice = new CountDownLatch(2); // of frames, and of the end
        Interpolation unwanted = engine.interpolate(frames(200, Long.MAX_VALUE), toldTwice::countDown);
        Await.until("there are frames", () -> toldTwice.getCount() == 1);
        unwanted.cancel();
        unwanted.cancel();
        assertThat(toldTwice.getCount()).isZero();
        assertThat(unwanted.failure().orElseThrow().reason()).isEqualTo(Reason.CANCELLED);
        assertThat(atHand(RGBA)).isZero();

        CompletableFuture<List<ImageScore>> score = engine.score(TinyLatents.score(
                RGBA, List.of(new byte[144], new byte[144]), 64, 1));
        score.cancel(false);
        assertThat(atHand(RGBA)).isZero();
        assertThat(engine.drain(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void requestsBeyondTheRoomAreRefusedWithATimeToTryAgain() throws Exception {
        List<Interpolation> open = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            open.add(engine.interpolate(frames(200, Long.MAX_VALUE), () -> {}));
        }
        assertThatThrownBy(() -> engine.generate(TinyLatents.generate(RGBA, 1, 1, 1), () -> {}))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(Reason.QUEUE_FULL);
                    assertThat(refused.retryAfter()).isPresent();
                });
        assertThat(TinyEngine.make(engine, TinyLatents.generate(VAE, 1, 1, 1)).failure()).isEmpty(); // a lane each
        open.get(0).cancel();
        assertThat(TinyEngine.make(engine, TinyLatents.generate(RGBA, 1, 1, 1)).failure()).isEmpty();
    }

    @Test
    void deadlineThatCannotBeMetIsRefused() {
        ScoreRequest much = new ScoreRequest(
                VAE, "", TinyLatents.label(VAE), List.of(new byte[64]), false, OptionalInt.of(64), 0,
                System.nanoTime() + 5_000);
        assertThatThrownBy(() -> engine.score(much))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason())
                        .isIn(Reason.DEADLINE_UNREACHABLE, Reason.DEADLINE_EXCEEDED));
    }

    @Test
    void shortRequestDoesNotWaitForALongOne() throws Exception {
        CompletableFuture<List<ImageScore>> longOne = engine.score(TinyLatents.score(
                RGBA, Collections.nCopies(16, new byte[144]), 64, 1));
        TinyLatents.get(engine.decode(TinyLatents.decode(RGBA, List.of(TinyLatents.latent(RGBA, 3)))));
        assertThat(longOne.isDone()).isFalse();
        assertThat(TinyLatents.get(longOne)).hasSize(16);
    }

    @Test
    void listenerThatThrowsHarmsNobody() throws Exception {
        Generation generation = engine.generate(TinyLatents.generate(RGBA, 1, 3, 1), () -> {
            throw new IllegalStateException("a fault of the listener");
        });
        Await.end(generation);
        assertThat(generation.failure()).isEmpty();
        assertThat(TinyEngine.make(engine, TinyLatents.generate(RGBA, 1, 1, 1)).failure()).isEmpty();
    }

    @Test
    void closeEndsWhatIsAtHandWithShuttingDown() throws Exception {
        Interpolation unread = unread(200, Long.MAX_VALUE);
        CompletableFuture<List<ImageScore>> score = engine.score(TinyLatents.score(
                RGBA, Collections.nCopies(16, new byte[144]), 64, 1));
        engine.close();
        assertThat(unread.failure().orElseThrow().reason()).isEqualTo(Reason.SHUTTING_DOWN);
        assertThat(score).isDone();
        assertThatThrownBy(() -> engine.generate(TinyLatents.generate(RGBA, 1, 1, 1), () -> {}))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.SHUTTING_DOWN));
    }

    @Test
    void drainWaitsForWhatIsAtHand() throws Exception {
        Interpolation unread = unread(20, Long.MAX_VALUE);
        assertThat(engine.drain(Duration.ofMillis(20))).isFalse();
        assertThat(TinyLatents.frames(unread)).hasSize(20);
        assertThat(engine.drain(Duration.ofSeconds(10))).isTrue();
    }
}
