package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Measured time of a step by batch size: an exponential moving average, seeded at load by a straight line between one
 * slot and all of them. Written by the decode lane, read by anybody.
 */
final class StepTimes {
    /** Weight of the newest step: 1/32, so that one hiccup does not refuse requests that would have fitted. */
    private static final int WEIGHT_SHIFT = 5;
    /** A step that took longer than this many averages says something about the machine, not about the model. */
    private static final int CLIP = 8;

    private final AtomicLongArray nanos; // by batch size less 1

    /**
     * @param slots largest batch
     * @param one nanoseconds of a step with one slot
     * @param all nanoseconds of a step with all slots
     */
    StepTimes(int slots, long one, long all) {
        nanos = new AtomicLongArray(slots);
        for (int i = 0; i < slots; i++) {
            long above = slots == 1 ? 0 : (all - one) * i / (slots - 1);
            nanos.set(i, Math.max(1, one + above));
        }
    }

    /** What is timed at load. */
    interface Run {
        void run() throws GraphException;
    }

    /** Nanoseconds of the shortest of so many runs: that counts, since noise only adds. */
    static long shortest(int runs, Run timed) throws GraphException {
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < runs; i++) {
            long begun = System.nanoTime();
            timed.run();
            shortest = Math.min(shortest, System.nanoTime() - begun);
        }
        return shortest;
    }

    /**
     * Records a step of all slots together that decided so many values, more than there are slots when guesses were right:
     * what counts is the time for one value of every slot.
     */
    void record(int batch, long took, int values) {
        long share = took * batch / values;
        for (int value = 0; value < values; value += batch) {
            record(batch, share);
        }
    }

    void record(int batch, long took) {
        long average = nanos.getPlain(batch - 1);
        long clipped = Math.min(took, CLIP * average);
        nanos.setOpaque(batch - 1, Math.max(1, average + ((clipped - average) >> WEIGHT_SHIFT)));
    }

    long nanos(int batch) {
        return nanos.getOpaque(batch - 1);
    }
}
