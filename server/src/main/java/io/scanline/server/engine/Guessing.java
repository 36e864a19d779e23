package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepState;
import io.scanline.server.runtime.Team;
import io.scanline.server.runtime.WindowProgram;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Fewer runs than values, same values: the next ones are guessed with the very uniform numbers that will decide
 * them, one run computes the distribution at every guessed position, and drawing goes on for as long as what is drawn is
 * what was guessed. The first value that was not is drawn from its true distribution and stands. So every value is
 * drawn with the logits and the number that a plain step would draw it with.
 *
 * <p>Whether to guess, and how far, is decided before every run by how many values it may be expected to decide in how
 * long. Of the lane's thread only.
 */
final class Guessing implements AutoCloseable {
    /** Windows after which plain steps are taken, to know what one takes. */
    private static final int PLAIN_EVERY = 256;
    /** How many that are, and of steps in a row how many do not count: they take longer than those that follow. */
    private static final int PLAIN_STEPS = 6;
    private static final int UNCOUNTED = 2;
    /** Plain steps after which a window that may not quite pay is tried. */
    private static final int TRY_EVERY = 64;
    /**
     * What windows of several slots must promise: steps that threads take by themselves are quicker than those few that are
     * timed between windows.
     */
    private static final double WORTH_OF_SEVERAL = 1.15;
    /** A window that promises less than this share of what plain steps do is not tried. */
    private static final double HOPE = 0.8;
    /**
     * Most slots that are guessed for with a row graph. Windows get slots out of step, so that their rows are computed one by
     * one; with 16 slots that was measured to cost more than the windows save.
     */
    private static final int MOST_SLOTS_WITH_ROWS = 8;

    /** Share of the time of plain steps that windows and guesses in vain may lose. */
    private static final double LOSS = 0.02;
    /**
     * What windows have saved counts against later losses up to so many plain steps: some windows are as dear as dozens of
     * steps, and a wrong guess of one must not stop guessing after many that were right.
     */
    private static final double MOST_CREDIT = 400;

    /** Steps to be taken without asking again, at most: a longer wait misses places where windows pay again. */
    private static final int MOST_VAIN = 4;

    /** Distances behind a wrong guess that are told apart. */
    private static final int EARLIER = 4;

    private final Team team;
    private final StepFeed feed;
    private final ValueGrid grid;
    private final boolean oneRow;
    private final int mostSlots; // that are guessed for
    private final WindowCosts costs;
    private final List<GuessedValues> guesses = new ArrayList<>(); // by slot
    private int windows; // since the last plain step
    private int plains; // since the last window
    private int unasked; // steps that are left to be taken without asking
    private int vain; // steps to be taken without asking after the next time that it is asked in vain
    private double credit; // nanoseconds that windows have saved of late, less what they and guessing in vain have lost

    /** Draws the next value of a slot from logits; false: its generation failed. */
    @FunctionalInterface
    interface Drawing {
        boolean draw(int slot, float[] logits, int offset, long now);
    }

    /**
     * Guessing for a model that {@link LoadedModel#guesses}.
     *
     * @param slots of the state that are stepped
     * @param times of plain steps, as they were measured at load
     */
    Guessing(LoadedModel model, StepState state, int slots, StepTimes times) throws GraphException {
        this.team = model.graph().team();
        this.feed = model.feed();
        this.grid = model.grid();
        this.oneRow = model.hasRowGraph();
        this.mostSlots = mostSlots(model, slots);
        this.costs = new WindowCosts(model, state, slots, times);
        GuessRecord counted = new GuessRecord();
        List<GuessRecord> earlier = Stream.generate(GuessRecord::new).limit(EARLIER).toList();
        for (int slot = 0; slot < slots; slot++) {
            guesses.add(new GuessedValues(model.draft(), counted, earlier, costs.most(1)));
        }
    }

    /**
     * Windows over keys and values cost a thread nearly as much as their positions; with four slots on two threads images
     * took 0.85 to 1.36 times as long with them as without, since those who wait for windows take no steps meanwhile.
     */
    private static int mostSlots(LoadedModel model, int slots) {
        if (model.graph().shape().takesSpans()) {
            return model.graph().team().size();
        }
        return model.hasRowGraph() ? MOST_SLOTS_WITH_ROWS : slots;
    }

    /** A plain step of so many slots took so long; returns whether another one is to follow before it is asked. */
    boolean plainTook(int slots, long nanos) {
        plains++;
        if (plains > UNCOUNTED) {
            costs.plainTook(slots, nanos);
        }
        windows = 0;
        boolean rests = unasked > 0 || slots > mostSlots;
        unasked = Math.max(0, unasked - 1);
        return rests;
    }

    /**
     * Takes windows of all slots, if they pay.
     *
     * @return values decided or passed; 0: they do not pay, and nothing was done
     */
    int step(SlotBatch batch, Drawing drawing) throws GraphException {
        if (windows >= PLAIN_EVERY) {
            unasked = Math.max(unasked, PLAIN_STEPS - 1);
            return 0;
        }
        if (unasked > 0) {
            return 0;
        }
        int slots = batch.running();
        if (slots > mostSlots) {
            return 0;
        }
        if (batch.hasRaces()) {
            return 0; // they stay side by side, so that what is sent of them depends on no clock
        }
        long begun = System.nanoTime();
        int most = costs.most(slots);
        for (int slot = 0; slot < slots; slot++) {
            ImageTask image = batch.image(slot);
            guesses.get(slot).guess(batch, image, Math.min(most, room(image)));
        }
        int decided = costs.slotsAtOnce() > 1 || slots == 1
                ? together(batch, drawing, begun)
                : sideBySide(batch, drawing);
        settle(slots, decided, System.nanoTime() - begun);
        return decided;
    }

    /** Pays for what was lost by plain steps, of which it may be but a share, so that guessing costs at most that. */
    private void settle(int slots, int decided, long took) {
        double plain = costs.plain(slots);
        credit = Math.min(MOST_CREDIT * plain, credit + decided * plain / slots - took);
        if (credit < 0) {
            unasked = (int) Math.ceil(-credit / (LOSS * plain));
            credit = 0;
        }
        // Steps that follow each other are quicker than those between which it is asked.
        unasked = Math.max(unasked, decided == 0 ? vain : 0);
        vain = decided == 0 ? Math.min(MOST_VAIN, 2 * vain + 1) : 0;
    }

    /** Positions that a window of an image may have. */
    private int room(ImageTask image) {
        int left = image.stepsLeft();
        return oneRow ? Math.min(left, grid.rowLength() - image.position() % grid.rowLength()) : left;
    }

    /** One run for all slots. */
    private int together(SlotBatch batch, Drawing drawing, long begun) throws GraphException {
        int slots = batch.running();
        int most = costs.most(slots);
        double best = 0;
        int chosen = -1;
        for (int size = 0; size < costs.sizes() && costs.positions(size) <= most; size++) {
            double expected = fits(slots, size) ? expected(slots, size) / costs.window(slots, size) : 0;
            if (expected > best) {
                best = expected;
                chosen = size;
            }
        }
        if (!pays(best * costs.plain(slots) / slots, slots)) {
            return 0;
        }
        WindowProgram program = costs.program(slots, chosen);
        for (int slot = 0; slot < slots; slot++) {
            int count = guesses.get(slot).positions(program.positions());
            show(program, slot, slot, batch.image(slot), count);
        }
        program.run();
        long now = System.nanoTime();
        costs.windowTook(slots, chosen, now - begun);
        int decided = 0;
        for (int slot = 0; slot < slots; slot++) {
            decided += verify(batch, slot, program, slot, drawing, now);
        }
        return decided;
    }

    /** A run for every slot, side by side. */
    private int sideBySide(SlotBatch batch, Drawing drawing) throws GraphException {
        int slots = batch.running();
        int[] chosen = new int[slots];
        double values = 0;
        double nanos = 0;
        double longest = 0;
        for (int slot = 0; slot < slots; slot++) {
            double best = 0;
            for (int size = 0; size < costs.sizes(); size++) {
                int positions = costs.positions(size);
                GuessedValues guessed = guesses.get(slot);
                double rate = guessed.positions(positions) == positions
                        ? guessed.expected(positions) / costs.beside(size)
                        : 0;
                if (rate > best) {
                    best = rate;
                    chosen[slot] = size;
                }
            }
            if (best == 0) {
                return 0; // no window fits: a plain step
            }
            values += guesses.get(slot).expected(costs.positions(chosen[slot]));
            nanos += costs.beside(chosen[slot]);
            longest = Math.max(longest, costs.beside(chosen[slot]));
        }
        double expected = Math.max(longest, nanos / Math.min(slots, team.size()));
        if (!pays(values / expected * costs.plain(slots) / slots, slots)) {
            return 0;
        }
        WindowProgram[] programs = new WindowProgram[slots];
        long[] took = new long[slots];
        for (int slot = 0; slot < slots; slot++) {
            programs[slot] = costs.beside(slot, chosen[slot]);
            show(programs[slot], 0, slot, batch.image(slot), programs[slot].positions());
        }
        team.run(slots, slot -> {
            long begun = System.nanoTime();
            programs[slot].run();
            took[slot] = System.nanoTime() - begun;
        });
        long now = System.nanoTime();
        int decided = 0;
        for (int slot = 0; slot < slots; slot++) {
            costs.besideTook(chosen[slot], took[slot]);
            decided += verify(batch, slot, programs[slot], 0, drawing, now);
        }
        return decided;
    }

    private void show(WindowProgram program, int at, int slot, ImageTask image, int count) {
        int label = image.generation().request().label();
        feed.show(program, at, slot, image.valuesInPlace(), image.position(), count, label);
    }

    /** Whether every slot can have a window of a size, or a shorter one where the program takes it. */
    private boolean fits(int slots, int size) throws GraphException {
        int positions = costs.positions(size);
        return costs.program(slots, size).fillsUp()
                || guesses.get(0).positions(positions) == positions;
    }

    private double expected(int slots, int size) {
        double expected = 0;
        for (int slot = 0; slot < slots; slot++) {
            expected += guesses.get(slot).expected(costs.positions(size));
        }
        return expected;
    }

    /** @param gain values in a time, against those of plain steps in the same time */
    private boolean pays(double gain, int slots) {
        if (gain > (slots == 1 ? 1 : WORTH_OF_SEVERAL) || gain > HOPE && plains >= TRY_EVERY) {
            windows++;
            plains = 0;
            return true;
        }
        return false;
    }

    /** Draws for as long as the guesses are right; returns how many values that gave. */
    private int verify(
            SlotBatch batch, int slot, WindowProgram program, int at, Drawing drawing, long now) {
        ImageTask image = batch.image(slot);
        GuessedValues guessed = guesses.get(slot);
        int count = guessed.positions(program.positions());
        int kept = 0;
        boolean goesOn = true;
        while (goesOn && kept < count) {
            int position = image.position();
            if (image.givenAt(position)) {
                image.pass();
            } else {
                int offset = (at * program.positions() + kept) * grid.levels();
                goesOn = drawing.draw(slot, program.logits(), offset, now)
                        && kept < count - 1
                        && guessed.check(kept, image.valuesInPlace()[position]);
            }
            kept++;
        }
        program.keep(at, kept);
        int next = (at * program.positions() + kept) * grid.levels();
        guessed.remember(image, kept, program.logits(), next, count - kept);
        return kept;
    }

    @Override
    public void close() {
        costs.close();
    }
}
