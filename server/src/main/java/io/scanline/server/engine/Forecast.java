package io.scanline.server.engine;

import io.scanline.server.engine.ClientTurns.Place;
import java.util.ArrayList;
import java.util.List;

/**
 * When images will start and be complete, in steps from now. Every image takes a known number of steps and slots are
 * given in the order of the line, so this is list scheduling and needs no estimate. One that takes two slots starts when
 * both are free, and nobody behind it starts before.
 */
final class Forecast {
    private final long[] free; // step at which each slot is free
    private long lastStart;

    /** @param remaining steps left in each slot; 0: free now */
    Forecast(long[] remaining) {
        this.free = remaining.clone();
    }

    /**
     * An image that waits.
     *
     * @param ours whether it is one of those that are asked about
     * @param rows slots that it takes
     * @param start step at which it starts
     * @param end step at which it is complete
     */
    record Stay(boolean ours, int rows, long start, long end) {}

    /** Gives slots to all who wait, and empties the line that says which of them are asked about. */
    List<Stay> run(WaitingLine<Boolean> line) {
        List<Stay> stays = new ArrayList<>(line.size());
        while (!line.isEmpty()) {
            Place<Boolean> next = line.poll();
            long start = add(next.steps(), next.rows());
            stays.add(new Stay(next.item(), next.rows(), start, start + next.steps()));
        }
        return stays;
    }

    /**
     * Gives the next free slots to an image.
     *
     * @param steps steps that it takes
     * @param rows slots that it takes, at most as many as there are
     * @return the step at which it starts; it is complete {@code steps} later
     */
    private long add(long steps, int rows) {
        int[] taken = new int[rows];
        for (int row = 0; row < rows; row++) {
            taken[row] = earliest();
            lastStart = Math.max(lastStart, free[taken[row]]);
            free[taken[row]] = Long.MAX_VALUE;
        }
        for (int slot : taken) {
            free[slot] = lastStart + steps;
        }
        return lastStart;
    }

    private int earliest() {
        int earliest = 0;
        for (int slot = 1; slot < free.length; slot++) {
            if (free[slot] < free[earliest]) {
                earliest = slot;
            }
        }
        return earliest;
    }
}
