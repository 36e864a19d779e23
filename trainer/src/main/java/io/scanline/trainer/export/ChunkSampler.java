package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.contract.CounterRandom;
import java.util.Arrays;
import java.util.List;

/**
 * Draws one image at a time from a bundle's chunk graph, as a server would.
 *
 * @param bundle as a model of what it draws
 * @param session of one slot
 * @param chunk positions of a run
 */
record ChunkSampler(Bundle bundle, ChunkSession session, int chunk) {
    /** Positions of a run where nothing else is said. */
    static final int POSITIONS = 16;

    /**
     * What was drawn.
     *
     * @param values one byte each, in generation order
     * @param logProbabilities of them, in nats
     */
    record Image(byte[] values, float[] logProbabilities) {}

    /** The uniform number of a value in single precision, below 1. */
    static float uniform(long seed, int channels, int value) {
        double uniform = CounterRandom.uniform(seed, 0, value / channels, value % channels);
        return Math.min((float) uniform, Math.nextDown(1f));
    }

    /**
     * Draws the first values of image 0 of a seed.
     *
     * @param count of values
     */
    Image draw(int label, long seed, int count, float temperature) throws OrtException {
        int[] free = new int[count];
        Arrays.fill(free, ChunkSession.DRAW);
        return draw(label, seed, free, 1, temperature);
    }

    /**
     * The same with some values given.
     *
     * @param given a value or {@link ChunkSession#DRAW} for each
     * @param shown positions of the cache that every run is shown, if there need not be more
     */
    Image draw(int label, long seed, int[] given, int shown, float temperature) throws OrtException {
        int channels = bundle.getGeometry().getChannels();
        int steps = bundle.getAutoregression().getSteps();
        byte[] values = new byte[steps];
        float[] nats = new float[given.length];
        ChunkSession.Choice plain = ChunkSession.Choice.plain(bundle.getGeometry().getLevels(), 0);
        ChunkSession.Choice choice = new ChunkSession.Choice(temperature, plain.topK(), plain.topP(), 0, 0, 1);
        for (int first = 0; first < given.length; first += chunk) {
            int[] known = new int[chunk];
            float[] uniforms = new float[chunk];
            for (int i = 0; i < chunk; i++) {
                known[i] = first + i < given.length ? given[first + i] : 0; // what is beyond is not looked at
                uniforms[i] = uniform(seed, channels, first + i);
            }
            ChunkSession.Drawn drawn = session.run(
                            List.of(new ChunkSession.Slot(values, label, first, known, uniforms, choice)),
                            Math.max(Math.max(1, first), Math.min(shown, steps)))
                    .get(0);
            for (int i = 0; i < chunk && first + i < given.length; i++) {
                values[first + i] = (byte) drawn.values()[i];
                nats[first + i] = drawn.logProbabilities()[i];
            }
        }
        return new Image(Arrays.copyOf(values, given.length), nats);
    }
}
