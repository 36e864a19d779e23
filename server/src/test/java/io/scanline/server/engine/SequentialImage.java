package io.scanline.server.engine;

import io.scanline.contract.CounterRandom;
import io.scanline.contract.LevelSampler;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepProgram;

/**
 * One image decided value by value with a program of its own, in the plainest way: what a lane must make of it.
 *
 * @param values all of them
 * @param logProbabilities of every value, in nats; 0 where it was given
 */
record SequentialImage(byte[] values, double[] logProbabilities) {
    /** @param program of at least one slot, the first of which is used */
    static SequentialImage of(
            StepProgram program, StepFeed feed, ValueGrid grid, CheckedRequest request, int index)
            throws GraphException {
        LevelSampler sampler = new LevelSampler(grid.levels());
        SamplingOptions sampling = request.sampling();
        byte[] values = request.given().image(grid.values());
        double[] logProbabilities = new double[values.length];
        program.label()[0] = request.label();
        for (int position = 0; position < values.length; position++) {
            feed.show(program, 0, values, position);
            program.run(1);
            if (!request.given().at(position)) {
                double uniform = CounterRandom.uniform(
                        request.seed(), index, position / grid.channels(), position % grid.channels());
                int level = sampler.draw(
                        program.logits(), 0, sampling.temperature(), sampling.topK(), sampling.topP(), uniform);
                values[position] = (byte) level;
                logProbabilities[position] = sampler.logProbability(program.logits(), 0, level);
            }
        }
        return new SequentialImage(values, logProbabilities);
    }

    /**
     * The same of an image that draws a text.
     *
     * @param program of two slots: the first is given the text, and the second the empty one if there is guidance
     */
    static SequentialImage of(
            StepProgram program, StepFeed feed, ValueGrid grid, CheckedRequest request, int index, float[] condition,
            float[] empty)
            throws GraphException {
        LevelSampler sampler = new LevelSampler(grid.levels());
        SamplingOptions sampling = request.sampling();
        float guidance = request.prompt().orElseThrow().guidance();
        int rows = guidance == 1 ? 1 : 2;
        byte[] values = request.given().image(grid.values());
        double[] logProbabilities = new double[values.length];
        program.label()[0] = request.label();
        program.label()[1] = request.label();
        program.condition().put(0, condition);
        program.condition().put(condition.length, empty);
        for (int position = 0; position < values.length; position++) {
            for (int row = 0; row < rows; row++) {
                feed.show(program, row, values, position);
            }
            program.run(rows);
            if (!request.given().at(position)) {
                float[] logits = program.logits().clone();
                for (int level = 0; rows == 2 && level < grid.levels(); level++) {
                    float u = logits[grid.levels() + level];
                    logits[level] = u + guidance * (logits[level] - u);
                }
                double uniform = CounterRandom.uniform(
                        request.seed(), index, position / grid.channels(), position % grid.channels());
                int level = sampler.draw(
                        logits, 0, sampling.temperature(), sampling.topK(), sampling.topP(), uniform);
                values[position] = (byte) level;
                logProbabilities[position] = sampler.logProbability(program.logits(), 0, level);
            }
        }
        return new SequentialImage(values, logProbabilities);
    }

    /** Of the first values, in nats. */
    double logLikelihood(int first) {
        double sum = 0;
        for (int position = 0; position < first; position++) {
            sum += logProbabilities[position];
        }
        return sum;
    }
}
