package io.scanline.server.engine;

import io.scanline.contract.CounterRandom;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepProgram;
import io.scanline.server.runtime.WindowProgram;
import java.util.Arrays;

/**
 * Finds out whether windows of a graph that attends give the very bits of its steps, on this machine: one image of
 * random levels, from its first value to its last, in windows of all sizes, each compared with steps. Attention over
 * cached keys and values in floats adds up in another order for several positions, and fails in one of the first windows;
 * that over 8-bit integers, and that to neighbours, was found to be the same.
 */
final class WindowTrial {
    private static final long SEED = 1;

    private WindowTrial() {}

    /** Whether every logit was the same. */
    static boolean exact(LoadedModel model) throws GraphException {
        byte[] values = new byte[model.steps()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (model.levels() * CounterRandom.uniform(SEED, 0, i, 0));
        }
        try (LoadedModel.OwnedProgram decoder = model.newDecoder(1)) {
            int windows = 0;
            int from = 0;
            boolean exact = true;
            while (exact && from < values.length - 1) { // a window has two positions or more
                int count = Math.min(WindowCosts.SIZES[windows % WindowCosts.SIZES.length], values.length - from);
                exact = exact(model, decoder, values, from, count);
                windows++;
                from += count;
            }
            return exact;
        }
    }

    /** The steps follow the window, so that they write the state anew. */
    private static boolean exact(
            LoadedModel model, LoadedModel.OwnedProgram decoder, byte[] values, int from, int count)
            throws GraphException {
        int levels = model.levels();
        try (WindowProgram window = model.graph().newWindow(decoder.state(), 1, count)) {
            model.feed().show(window, 0, 0, values, from, count, 0);
            window.run();
            boolean exact = true;
            for (int i = 0; exact && i < count; i++) {
                StepProgram step = decoder.program();
                model.feed().show(step, 0, values, from + i);
                step.run(1);
                exact = Arrays.equals(window.logits(), i * levels, (i + 1) * levels, step.logits(), 0, levels);
            }
            return exact;
        }
    }
}
