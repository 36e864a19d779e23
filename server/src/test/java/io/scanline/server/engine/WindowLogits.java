package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepProgram;
import io.scanline.server.runtime.WindowProgram;
import java.util.Random;

/** Walks through an image by steps and by windows of any size, over one state, and compares every logit. */
final class WindowLogits {
    /** Of the logits of windows that are only close, relative to those above 1. */
    private static final float TOLERANCE = 1e-4f;
    private static final int[] SIZES = {2, 3, 4, 6, 8, 12, 16, 24, 32};

    private WindowLogits() {}

    /**
     * Tries windows from the state of every few positions of a random image, of which the steps then take some.
     *
     * @param windows how many, in one image or more
     */
    static void compare(LoadedModel model, Random random, int windows) throws GraphException {
        int levels = model.levels();
        byte[] values = new byte[model.steps()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) random.nextInt(levels);
        }
        int label = random.nextInt(Math.max(1, model.bundle().getConditioning().getClassNamesCount()));
        float[] expected = new float[values.length * levels];
        float tolerance = model.graph().windowsAreExact() || WindowTrial.exact(model) ? 0 : TOLERANCE;
        try (LoadedModel.OwnedProgram decoder = model.newDecoder(1)) {
            StepProgram program = decoder.program();
            for (int step = 0; step < values.length; step++) {
                step(model, program, values, step, label);
                System.arraycopy(program.logits(), 0, expected, step * levels, levels);
            }
            int position = 0;
            for (int window = 0; window < windows; window++) {
                int skip = random.nextInt(1 + 2 * values.length / windows);
                for (int i = 0; i < skip && position < values.length - 2; i++) {
                    step(model, program, values, position++, label);
                }
                position = window(model, decoder, values, position, label, random, expected, tolerance);
                if (position >= values.length - 2) {
                    position = 0;
                }
            }
        }
    }

    private static void step(LoadedModel model, StepProgram program, byte[] values, int step, int label)
            throws GraphException {
        program.label()[0] = label;
        model.feed().show(program, 0, values, step);
        program.run(1);
    }

    /** Tries a window and keeps a part of it; returns the position behind that. */
    private static int window(
            LoadedModel model, LoadedModel.OwnedProgram decoder, byte[] values, int position, int label, Random random,
            float[] expected, float tolerance) throws GraphException {
        int levels = model.levels();
        int row = model.grid().rowLength();
        int room = model.hasRowGraph() ? row - position % row : values.length - position;
        int size = SIZES[random.nextInt(SIZES.length)];
        try (WindowProgram window = model.graph().newWindow(decoder.state(), 1, Math.min(size, room))) {
            int count = window.positions();
            model.feed().show(window, 0, 0, values, position, count, label);
            window.run();
            int from = position * levels;
            for (int i = 0; i < count * levels; i++) {
                float wanted = expected[from + i];
                assertThat(Math.abs(window.logits()[i] - wanted))
                        .as("logit %d of %d positions from %d", i, count, position)
                        .isLessThanOrEqualTo(tolerance * Math.max(1, Math.abs(wanted)));
            }
            int kept = 1 + random.nextInt(count);
            window.keep(0, kept);
            return position + kept;
        }
    }
}
