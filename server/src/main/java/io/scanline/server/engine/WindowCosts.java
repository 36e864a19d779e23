package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepState;
import io.scanline.server.runtime.WindowProgram;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The windows of a model, and what a run of one takes by slots and positions: an exponential moving average like
 * {@link StepTimes}, seeded at load by windows of one slot. Of one thread.
 */
final class WindowCosts implements AutoCloseable {
    /** Positions that windows may have. */
    static final int[] SIZES = {2, 3, 4, 6, 8, 12, 16, 24, 32};
    /** No run has more positions, of all its slots. */
    private static final int MOST = 128;

    private static final int TIMED_RUNS = 4;
    private static final double WEIGHT = 1.0 / 16;
    /** What took longer than this many averages says something about the machine. */
    private static final int CLIP = 4;

    private final LoadedModel model;
    private final StepState state;
    private final int slotsAtOnce;
    private final int sizes;
    private final double[] plain; // by slots
    private final double[][] nanos; // by slots and size; 0: not known
    private final WindowProgram[][] programs; // by slots and size, made when first needed
    private final double[] beside; // by size: of one slot, beside others; 0: not known
    private final WindowProgram[][] besides; // by slot and size, of one slot each, made when first needed

    /**
     * Times windows of one slot in the middle of an image.
     *
     * @param slots of the state that are stepped
     * @param times of plain steps
     */
    WindowCosts(LoadedModel model, StepState state, int slots, StepTimes times) throws GraphException {
        this.model = model;
        this.state = state;
        this.slotsAtOnce = model.graph().windowSlots(slots);
        int most = model.longestWindow();
        int count = 0;
        while (count < SIZES.length && SIZES[count] <= most) {
            count++;
        }
        sizes = count;
        plain = new double[slots + 1];
        for (int running = 1; running <= slots; running++) {
            plain[running] = times.nanos(running);
        }
        nanos = new double[slotsAtOnce + 1][sizes];
        programs = new WindowProgram[slotsAtOnce + 1][sizes];
        beside = new double[sizes];
        besides = new WindowProgram[slots][sizes];
        boolean complete = false;
        try {
            for (int size = 0; size < sizes; size++) {
                nanos[1][size] = time(program(1, size));
            }
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    /** The second position of a middle row, so that no row graph is run, as before most windows. */
    private double time(WindowProgram window) throws GraphException {
        ValueGrid grid = model.grid();
        int wanted = grid.height() / 2 * grid.rowLength() + Math.min(1, grid.rowLength() - 1);
        int from = Math.min(wanted, grid.values() - window.positions());
        window.place(0, 0, from, window.positions(), 0);
        for (int i = 0; i < window.positions(); i++) {
            window.position()[i] = from + i;
        }
        return StepTimes.shortest(TIMED_RUNS, window::run);
    }

    /** Slots that one run takes, at most. */
    int slotsAtOnce() {
        return slotsAtOnce;
    }

    /** How many sizes there are. */
    int sizes() {
        return sizes;
    }

    /** Positions of a size. */
    int positions(int size) {
        return SIZES[size];
    }

    /** Positions of the largest size that so many slots may have in one run; 1 for none. */
    int most(int slots) {
        int most = 1;
        for (int size = 0; size < sizes && SIZES[size] * Math.min(slots, slotsAtOnce) <= MOST; size++) {
            most = SIZES[size];
        }
        return most;
    }

    /** Nanoseconds of a plain step. */
    double plain(int slots) {
        return plain[slots];
    }

    /** Nanoseconds of a run of windows; those of several slots are guessed from one slot's of as many positions. */
    double window(int slots, int size) {
        if (nanos[slots][size] == 0) {
            nanos[slots][size] = extrapolated(slots * SIZES[size]);
        }
        return nanos[slots][size];
    }

    private double extrapolated(int positions) {
        int size = 0;
        while (size < sizes - 2 && SIZES[size + 1] < positions) {
            size++;
        }
        if (sizes == 1) {
            return nanos[1][0] * positions / SIZES[0];
        }
        double slope = Math.max(0, nanos[1][size + 1] - nanos[1][size]) / (SIZES[size + 1] - SIZES[size]);
        return nanos[1][size] + slope * (positions - SIZES[size]);
    }

    /** Nanoseconds of a run of one slot beside those of others; until there was one, those of a run that is alone. */
    double beside(int size) {
        return beside[size] == 0 ? window(1, size) : beside[size];
    }

    void besideTook(int size, long took) {
        beside[size] = average(beside(size), took);
    }

    void plainTook(int slots, long took) {
        plain[slots] = average(plain[slots], took);
    }

    void windowTook(int slots, int size, long took) {
        nanos[slots][size] = average(window(slots, size), took);
    }

    private static double average(double before, long took) {
        return before + (Math.min(took, CLIP * before) - before) * WEIGHT;
    }

    /** The program of windows of a size. */
    WindowProgram program(int slots, int size) throws GraphException {
        if (programs[slots][size] == null) {
            programs[slots][size] = model.graph().newWindow(state, slots, SIZES[size]);
        }
        return programs[slots][size];
    }

    /** The program of windows of a size that a slot has beside others. */
    WindowProgram beside(int slot, int size) throws GraphException {
        if (besides[slot][size] == null) {
            besides[slot][size] = model.graph().newWindow(state, 1, SIZES[size]);
        }
        return besides[slot][size];
    }

    @Override
    public void close() {
        Stream.of(programs, besides)
                .flatMap(Stream::of)
                .flatMap(Stream::of)
                .filter(Objects::nonNull)
                .forEach(WindowProgram::close);
    }
}
