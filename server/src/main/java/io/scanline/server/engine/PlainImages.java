package io.scanline.server.engine;

import io.scanline.contract.CounterRandom;
import io.scanline.contract.LevelSampler;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepProgram;

/**
 * Images of one model decided value by value, one after another, with a program of their own and neither a lane nor
 * guesses: what all others must equal. For models that draw values and read no texts; of one thread.
 */
public final class PlainImages implements AutoCloseable {
    private final LoadedModel model;
    private final LoadedModel.OwnedProgram program;
    private final LevelSampler sampler;

    /**
     * Loads the model once more.
     *
     * @param threads that compute a step
     * @throws EngineException BUNDLE_*, as when it is loaded to be served
     * @throws GraphException when there is no memory for the state of an image
     */
    public PlainImages(VerifiedBundle bundle, int threads) throws EngineException, GraphException {
        model = LoadedModel.load(bundle, threads);
        sampler = new LevelSampler(model.levels());
        boolean complete = false;
        try {
            program = model.newDecoder(1);
            complete = true;
        } finally {
            if (!complete) {
                model.close();
            }
        }
    }

    /**
     * Draws the first image of a request with neutral sampling.
     *
     * @param label class index; 0 for a model without classes
     * @param prefix values that are given
     * @return all values
     * @throws GraphException when the graph fails
     */
    public byte[] draw(int label, long seed, byte[] prefix) throws GraphException {
        int channels = model.grid().channels();
        SamplingOptions neutral = SamplingOptions.NEUTRAL;
        byte[] values = new byte[model.steps()];
        System.arraycopy(prefix, 0, values, 0, prefix.length);
        StepProgram step = program.program();
        step.label()[0] = label;
        for (int position = 0; position < values.length; position++) {
            model.feed().show(step, 0, values, position);
            step.run(1);
            if (position >= prefix.length) {
                double uniform = CounterRandom.uniform(seed, 0, position / channels, position % channels);
                values[position] = (byte) sampler.draw(
                        step.logits(), 0, neutral.temperature(), neutral.topK(), neutral.topP(), uniform);
            }
        }
        return values;
    }

    @Override
    public void close() {
        program.close();
        model.close();
    }
}
