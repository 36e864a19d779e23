package io.scanline.server.engine;

import io.scanline.server.engine.ClientTurns.Place;
import java.util.ArrayList;
import java.util.List;

/**
 * When images will start and be complete, in steps from now. Every image takes a known number of steps and slots are
 * given in the order of the line, so this is list scheduling and needs no estimate.
 */
final class Forecast {
    private final long[] free; // step at which each slot is free

    /** @param remaining steps left in each slot; 0: free now */
    Forecast(long[] remaining) {
        this.free = remaining.clone();
    }

    /**
     * An image that waits.
     *
     * @param ours whether it is one of those that are asked about
     * @param start step at which it starts
     * @param end step at which it is complete
     */
    record Stay(boolean ours, long start, long end) {}

    /** Gives slots to all who wait, and empties the line that says which of them are asked about. */
    List<Stay> run(WaitingLine<Boolean> line) {
        List<Stay> stays = new ArrayList<>(line.size());
        while (!line.isEmpty()) {
            Place<Boolean> next = line.poll();
            long start = add(next.cost());
            stays.add(new Stay(next.item(), start, start + next.cost()));
        }
        return stays;
    }

    /**
     * Gives the next free slot to an image.
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
