package io.scanline.server.runtime;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * In how many parts a run of so many slots is quickest: found out while runs are made, and again from time to time, since it
 * depends on the model, on the machine and on what else the machine does. Few parts share what a run reads of the graph,
 * many leave more to the others where a thread is held up. To be used by one thread at a time.
 */
final class PartChoice {
    /** Parts for each thread, at most. */
    private static final int MOST = 2;
    /** Runs in each number of parts, in turns; the shortest counts, since noise only adds. */
    private static final int TURNS = 4;
    /** Runs between two trials; the first may be spoilt by what a program does when it starts. */
    private static final int FIRST_PAUSE = 32;
    private static final int LONGEST_PAUSE = 1024;
    /** Share of the time of one part that several may take, since they keep other processors busy. */
    private static final double WORTH = 0.9;

    private final int[] parts; // fewest first
    private final long[] shortest; // nanoseconds, of the trial at hand
    private int tried; // runs of the trial at hand
    private int left; // runs until the next trial
    private int pause = FIRST_PAUSE;
    private int chosen;

    /** @param threads that compute parts */
    PartChoice(int slots, int threads) {
        int most = threads == 1 ? 1 : Math.min(slots, MOST * threads);
        parts = IntStream.iterate(1, number -> number <= most, number -> 2 * number).toArray();
        shortest = new long[parts.length];
        Arrays.fill(shortest, Long.MAX_VALUE);
    }

    /** Parts of the next run. */
    int next() {
        return parts[left > 0 ? chosen : tried % parts.length];
    }

    /** The run took so long. */
    void took(long nanos) {
        if (parts.length == 1) {
            return;
        }
        if (left > 0) {
            left--;
            return;
        }
        int now = tried % parts.length;
        shortest[now] = Math.min(shortest[now], nanos);
        tried++;
        if (tried == TURNS * parts.length) {
            choose();
        }
    }

    private void choose() {
        chosen = 0;
        for (int i = 1; i < parts.length; i++) {
            if (shortest[i] < (chosen == 0 ? WORTH : 1) * shortest[chosen]) {
                chosen = i;
            }
        }
        Arrays.fill(shortest, Long.MAX_VALUE);
        tried = 0;
        left = pause;
        pause = Math.min(LONGEST_PAUSE, 2 * pause);
    }
}
