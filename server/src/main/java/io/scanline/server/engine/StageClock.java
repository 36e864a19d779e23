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

    /** The request had part in a run, as below. */
    void ran(long run, long took) {
        ran(run, 1, took);
    }

    /**
     * The request had part in runs; of no consequence when it is told so again, for another of its images.
     *
     * @param round of the lane in which they were made: a number above those of the rounds before it
     * @param count of runs
     * @param took nanoseconds, of all of them
     */
    void ran(long round, int count, long took) {
        if (round == newest) {
            return;
        }
        newest = round;
        runs.setRelease(runs.getPlain() + count);
        nanos.setRelease(nanos.getPlain() + took);
    }

    /** What was counted so far, under the name of a stage. */
    StageTime time(String stage) {
        return new StageTime(stage, runs.getAcquire(), nanos.getAcquire() / 1000);
    }
}
