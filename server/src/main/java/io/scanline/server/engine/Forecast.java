package io.scanline.server.engine;

/**
 * When images will start and be complete, in steps from now. Every image takes a known number of steps and slots are given
 * in the order of the queue, so this is list scheduling and needs no estimate.
 */
final class Forecast {
    private final long[] free; // step at which each slot is free

    /** @param remaining steps left in each slot; 0: free now */
    Forecast(long[] remaining) {
        this.free = remaining.clone();
    }

    /**
     * Puts one more image at the end of the queue.
     *
     * @param steps steps that it takes
     * @return the step at which it starts; it is complete {@code steps} later
     */
    long add(long steps) {
        int earliest = 0;
        for (int slot = 1; slot < free.length; slot++) {
            if (free[slot] < free[earliest]) {
                earliest = slot;
            }
        }
        long start = free[earliest];
        free[earliest] += steps;
        return start;
    }
}
