package io.scanline.server.runtime;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * In how many parts a run of about so many slots is quickest: found out while runs are made, and again from time to time, since it
 * depends on the model, on the machine and on what else the machine does. Few parts share what a run reads of the graph,
 * many leave more to the others where a thread is held up. To be used by one thread at a time.
 */
final class PartChoice {
    /** Time that parts are run for each time that is taken, where they are run again and again. */
    static final long TIMED_NANOS = 2_000_000;
    /** Runs in one number of parts after each other, of which the median counts. */
    private static final int TIMED = 7;
    /** Time of the runs before them: processors that had nothing to do need some to be there again. */
    private static final long UNTIMED_NANOS = 3_000_000;
    /** Time of the runs between two trials; the first may be spoilt by what a program does when it starts. */
    private static final long FIRST_PAUSE_NANOS = 50_000_000;
    private static final long LONGEST_PAUSE_NANOS = 2_000_000_000;
    /** Share of the time of one part that several may take, since they keep other processors busy. */
    private static final double WORTH = 0.9;

    private final int[] parts; // numbers to choose from, most first
    private final double[] typical; // nanoseconds a slot by number, of the trial at hand
    private final double[] timed = new double[TIMED]; // nanoseconds a slot of runs in the number that is tried
    private int runs; // of them that there are
    private long untimed; // nanoseconds of the runs before them
    private int trying;
    private int chosen = -1; // -1: none yet
    private int proposed = -1; // what the last trial chose
    private long left; // nanoseconds until the next trial
    private long pause = FIRST_PAUSE_NANOS;

    /**
     * @param slots of a run, at least
     * @param most parts, at most
     */
    PartChoice(int slots, int most) {
        int first = Integer.highestOneBit(Math.min(slots, most));
        parts = IntStream.iterate(first, number -> number > 0, number -> number / 2).toArray();
        typical = new double[parts.length];
    }

    /** Parts of the next run. */
    int next() {
        return parts[left > 0 ? chosen : trying];
    }

    /** Nanoseconds until the next trial; 0: it is due. */
    long left() {
        return parts.length == 1 ? Long.MAX_VALUE : Math.max(0, left);
    }

    /** The run of so many slots took so long. */
    void took(int slots, long nanos) {
        took(slots, nanos, 1);
    }

    /** So many runs of so many slots took so long. */
    void took(int slots, long nanos, double count) {
        if (parts.length == 1) {
            return;
        }
        if (left > 0) {
            left -= nanos;
        } else if (untimed < UNTIMED_NANOS) {
            untimed += nanos;
        } else {
            timed[runs++] = nanos / count / slots;
            if (runs == TIMED) {
                tried();
            }
        }
    }

    private void tried() {
        Arrays.sort(timed);
        typical[trying] = timed[TIMED / 2];
        runs = 0;
        untimed = 0;
        trying++;
        if (trying == parts.length) {
            trying = 0;
            choose();
        }
    }

    /** What was chosen stands until two trials after each other say otherwise: other work may spoil one. */
    private void choose() {
        int quickest = quickest();
        boolean settled = chosen < 0 || quickest == chosen || quickest == proposed;
        chosen = settled ? quickest : chosen;
        proposed = quickest;
        left = settled ? pause : 0;
        pause = settled ? Math.min(LONGEST_PAUSE_NANOS, 4 * pause) : pause;
    }

    private int quickest() {
        int one = parts.length - 1;
        int quickest = 0;
        for (int number = 1; number < parts.length; number++) {
            quickest = typical[number] <= typical[quickest] ? number : quickest;
        }
        return typical[quickest] < WORTH * typical[one] ? quickest : one;
    }
}
