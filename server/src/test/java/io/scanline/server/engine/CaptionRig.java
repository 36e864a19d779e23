package io.scanline.server.engine;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.runtime.Compute;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.TextStepProgram;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/** A lane of captions by itself, which a test can stop between two steps. */
final class CaptionRig implements AutoCloseable {
    /** What every caption is of. */
    static final byte[] IMAGE = TinyCaptions.golden(0);

    final OpenWork work = new OpenWork();
    final CaptionLane lane;
    private final LoadedCaptioner loaded;
    private final CaptionSlots slots;
    private final CaptionMetrics metrics;

    CaptionRig(int slots, int maxQueued, int maxQueuedPerClient, int longestPiece)
            throws EngineException, GraphException {
        VerifiedBundle verified = TinyBundle.verified(TinyCaptions.NAME);
        loaded = LoadedCaptioner.load(verified, Compute.cpu(TinyEngine.THREADS));
        TextStepProgram program = loaded.step().newProgram(slots, longestPiece);
        this.slots = new CaptionSlots(verified.bundle(), loaded.newPrefix(), program);
        metrics = new CaptionMetrics(new SimpleMeterRegistry(), "model", "1");
        lane = new CaptionLane(
                ModelInfo.serving(verified.bundle(), verified.digest(), slots), this.slots, loaded::newText,
                new StepTimes(slots, 1_000_000, 1_000_000), maxQueued,
                new Scheduling(Map.of(), Scheduling.DEFAULT_OVERTAKES, maxQueuedPerClient), metrics, work);
        lane.start();
    }

    CaptionRig(int slots) throws EngineException, GraphException {
        this(slots, 64, 64, 128);
    }

    /** Submits a caption, whose image is ready at once. */
    CaptionTask submit(CheckedCaption request, ProgressListener listener) throws EngineException {
        CaptionTask caption = lane.submit(request, listener);
        lane.ready(caption, IMAGE);
        return caption;
    }

    /** Holds the lane whenever it tells of a caption that has come this far. */
    final class Hold implements ProgressListener {
        final AtomicReference<CaptionTask> caption = new AtomicReference<>();
        private final int tokens;
        private final CountDownLatch held = new CountDownLatch(1);
        private final Semaphore gate = new Semaphore(0);

        Hold(int tokens) {
            this.tokens = tokens;
        }

        @Override
        public void progressed() {
            CaptionTask task = caption.get();
            if (task != null && task.tokens() >= tokens && held.getCount() > 0) {
                held.countDown();
                gate.acquireUninterruptibly();
            }
        }

        /** Submits a caption and waits until it has come so far; the lane stands still then. */
        CaptionTask submit(CheckedCaption request) throws EngineException {
            CaptionTask task = lane.submit(request, this);
            caption.set(task);
            lane.ready(task, IMAGE);
            Await.until("the lane is held", () -> held.getCount() == 0);
            return task;
        }

        /** Lets the lane go on. */
        void release() {
            gate.release(1 << 20);
        }
    }

    @Override
    public void close() {
        lane.close();
        slots.close();
        loaded.close();
        metrics.close();
    }
}
