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
import java.util.concurrent.CopyOnWriteArrayList;
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

    private Interpolation unread(int frames) throws EngineException {
        Interpolation interpolation = engine.interpolate(frames(frames, Long.MAX_VALUE), () -> {});
        Await.until("the first frames are there", () -> decoded() >= InterpolateTask.AHEAD);
        return interpolation;
    }

    @Test
    void framesThatNobodyTakesAreNotDecoded() throws Exception {
        Interpolation unread = unread(200);
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
        Interpolation late = engine.interpolate(frames(200, System.nanoTime() + 500_000_000L), () -> {});
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
        CountDownLatch held = new CountDownLatch(1);
        Generation holding = engine.generate(TinyLatents.generate(RGBA, 1, 1, 1), () -> awaitQuietly(held));
        Await.until("the lane is held", () -> holding.images().get(0).result().isPresent());
        List<String> order = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> longOne = engine.score(TinyLatents.score(
                        RGBA, Collections.nCopies(16, new byte[144]), 64, 1))
                .thenRun(() -> order.add("long"));
        CompletableFuture<Void> shortOne = engine.decode(TinyLatents.decode(
                        RGBA, List.of(TinyLatents.latent(RGBA, 3))))
                .thenRun(() -> order.add("short"));
        held.countDown();
        TinyLatents.get(longOne);
        TinyLatents.get(shortOne);
        assertThat(order).containsExactly("short", "long");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
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
        Interpolation unread = unread(200);
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
        Interpolation unread = unread(20);
        assertThat(engine.drain(Duration.ofMillis(20))).isFalse();
        assertThat(TinyLatents.frames(unread)).hasSize(20);
        assertThat(engine.drain(Duration.ofSeconds(10))).isTrue();
    }
}
