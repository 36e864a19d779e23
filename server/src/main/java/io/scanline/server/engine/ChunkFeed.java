package io.scanline.server.engine;

import io.scanline.server.runtime.ChunkProgram;
import java.util.Arrays;

/** Shows a program that decides several values in a run what it must know of an image. */
final class ChunkFeed {
    /** The number below 1 that is nearest to it: numbers so near that they would be rounded to 1 become this one. */
    private static final float BELOW_ONE = Math.nextDown(1f);

    private final int steps;
    private final int levels;

    ChunkFeed(ValueGrid grid) {
        this.steps = grid.values();
        this.levels = grid.levels();
    }

    /** What is known of the values of an image. */
    interface Values {
        /** Whether a value was given. */
        boolean given(int position);

        /** The number in [0, 1) that decides it. */
        double uniform(int position);
    }

    /** All values are given. */
    static final Values ALL_GIVEN = new Values() {
        @Override
        public boolean given(int position) {
            return true;
        }

        @Override
        public double uniform(int position) {
            return 0;
        }
    };

    /**
     * Fills in the positions of the next run of a slot.
     *
     * @param values the image so far; of those from {@code from} on only given ones are read
     * @param from first position of the run
     */
    void show(ChunkProgram program, int slot, byte[] values, int from, Values known) {
        program.first()[slot] = from;
        for (int position = 0; position < from; position++) {
            program.values()[slot * steps + position] = values[position] & 0xFF;
        }
        for (int i = 0; i < program.span(); i++) {
            int position = from + i;
            int at = slot * program.span() + i;
            boolean beyond = position >= steps; // computed with what it may be, and not looked at
            boolean given = !beyond && known.given(position);
            program.given()[at] = beyond ? 0 : given ? values[position] & 0xFF : -1;
            program.uniform()[at] = beyond ? 0 : Math.min((float) known.uniform(position), BELOW_ONE);
        }
    }

    /** Fills in how a slot draws. */
    void sample(ChunkProgram program, int slot, SamplingOptions sampling) {
        program.temperature()[slot] = sampling.temperature();
        program.topK()[slot] = sampling.topK() == 0 ? levels : Math.min(sampling.topK(), levels);
        program.topP()[slot] = sampling.topP();
    }

    /**
     * Fills in which slots a slot draws with.
     *
     * @param second whether it is the second one of a guided image, which is shown the empty text
     * @param mate the other slot of a guided image; the slot itself without guidance
     */
    void guide(ChunkProgram program, int slot, boolean second, int mate, float guidance) {
        program.own()[slot] = second ? mate : slot;
        program.other()[slot] = second ? slot : mate;
        program.guidance()[slot] = mate == slot ? 1 : guidance;
    }

    /** Fills in that so many slots draw on their own, from the whole distribution at this temperature. */
    void neutral(ChunkProgram program, int slots, float temperature) {
        for (int slot = 0; slot < slots; slot++) {
            sample(program, slot, new SamplingOptions(temperature, 0, 1));
            guide(program, slot, false, slot, 1);
        }
    }

    /** Fills in a class for so many slots. */
    static void label(ChunkProgram program, int slots, int label) {
        Arrays.fill(program.label(), 0, slots, label);
    }
}
