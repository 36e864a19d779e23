package io.scanline.server.engine;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The runs of one graph that one request had part in, and what they took. Written by the thread of one lane, by a
 * release as {@link ImageTask} does, and read by anybody: what was written before a result is there is seen by whoever
 * has seen the result.
 */
final class StageClock {
    private final AtomicLong runs = new AtomicLong();
    private final AtomicLong nanos = new AtomicLong();
    private long newest = -1; // of the lane's thread only

    /**
     * The request had part in a run; of no consequence when it is told so again, for another of its images.
     *
     * @param run its number in the lane, above those of the runs before it
     * @param took nanoseconds
     */
    void ran(long run, long took) {
        if (run == newest) {
            return;
        }
        newest = run;
        runs.setRelease(runs.getPlain() + 1);
        nanos.setRelease(nanos.getPlain() + took);
    }

    /** What was counted so far, under the name of a stage. */
    StageTime time(String stage) {
        return new StageTime(stage, runs.getAcquire(), nanos.getAcquire() / 1000);
    }
}
