package io.scanline.server.engine;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.engine.OneShotAdmission.BatchTimes;
import io.scanline.server.runtime.Compute;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/**
 * The two lanes of a prior: codes of a gated {@link HistoryProgram}, 12 of them as in {@link LaneRig}, which the decoder of
 * the test bundle makes images of.
 */
final class PriorRig implements AutoCloseable {
    private static final int LARGEST = 4;
    private static final long RUN_NANOS = 1000;

    private final LaneRig codes;
    private final LoadedLatentModel loaded;
    private final LatentCodec codec;
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final OneShotLane images;

    PriorRig(int slots, int maxQueued) throws EngineException {
        codes = new LaneRig(slots, maxQueued, true, RUN_NANOS);
        loaded = LoadedLatentModel.load(TinyBundle.verified(TinyBundle.PRIOR), Compute.cpu(1));
        codec = loaded.newCodec(LARGEST);
        BatchTimes times = new BatchTimes(LARGEST, new StepTimes(LARGEST, RUN_NANOS, RUN_NANOS));
        images = new OneShotLane(
                ModelInfo.serving(loaded.bundle(), loaded.digest(), slots),
                codec,
                new OneShotAdmission(16, times, times),
                new LatentMetrics(meters, TinyBundle.PRIOR, "1"),
                codes.work());
        images.start();
    }

    LaneRig codes() {
        return codes;
    }

    OneShotLane images() {
        return images;
    }

    OpenWork work() {
        return codes.work();
    }

    /** Images that the decoder has made, previews included. */
    int decoded() {
        return (int) meters.get("scanline.oneshot.batch.size").tag("graph", "decoder").summary().totalAmount();
    }

    PriorTask submit(CheckedRequest request, ProgressListener listener) throws EngineException {
        PriorTask task = images.submit(0, request.count(), request.count(), request.deadlineNanos(),
                (ticket, now) -> new PriorTask(images, request, ticket, listener, now));
        task.draw(codes.lane(), 0);
        return task;
    }

    PriorTask submit(CheckedRequest request) throws EngineException {
        return submit(request, () -> {});
    }

    /** Lets so many more codes of an image be drawn. */
    void draw(PriorTask task, int image, int more) {
        int before = TinyEngine.drawn(task.images().get(image));
        codes.program().permit(more);
        Await.until("the codes are drawn", () -> TinyEngine.drawn(task.images().get(image)) >= before + more);
    }

    /** Keeps the one-shot lane busy until the latch is released. */
    void hold(CountDownLatch latch) throws EngineException {
        CountDownLatch held = new CountDownLatch(1);
        decode(new int[LaneRig.STEPS], () -> {
            held.countDown();
            awaitQuietly(latch);
        });
        Await.until("the lane is held", () -> held.getCount() == 0);
    }

    CompletableFuture<List<byte[]>> decode(int[] given) throws EngineException {
        return decode(given, () -> {});
    }

    /** @param then what the lane's thread does with the answer */
    private CompletableFuture<List<byte[]>> decode(int[] given, Runnable then) throws EngineException {
        DecodeTask task = new DecodeTask(0, List.of(new Latent.Tokens(given)), Long.MAX_VALUE);
        task.answer().thenRun(then);
        images.submit(0, 1, 1, Long.MAX_VALUE, (ticket, now) -> task);
        return task.answer();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        codes.close();
        images.close();
        codec.close();
        loaded.close();
    }
}
