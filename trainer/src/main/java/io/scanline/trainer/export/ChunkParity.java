package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.contract.LevelSampler;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Whether chunks in 16-bit floats draw what steps in fp32 do. An image is drawn step by step; then the same in chunks of several
 * lengths, where values are given that a small difference could change, so that both stay on the same image. The others must be
 * drawn alike, and the log-probabilities of all must be nearly the same.
 *
 * @param steps in fp32, a model of what it draws
 * @param chunks the same with the graph "chunk" in place of "step"
 * @param conditions what the steps are shown of the images of every label
 */
record ChunkParity(StoredBundle steps, StoredBundle chunks, Conditions conditions) {
    /** Lengths of chunks; boundaries lie anywhere then. */
    private static final List<Integer> LENGTHS = List.of(1, 7, 16);

    /** A uniform number no farther than this from another value's share does not decide. */
    private static final double MARGIN = 0.005;

    private static final double ABSOLUTE = 0.03; // nats
    private static final double RELATIVE = 0.01;

    /**
     * What was found.
     *
     * @param share largest difference of log-probabilities as a share of the allowed one
     * @param drawn values that were drawn alike, of all lengths together
     * @param given values that were given
     */
    record Found(double share, int drawn, int given) {
        /** For people. */
        String text() {
            return String.format(
                    Locale.ROOT,
                    "chunks in fp16 against steps in fp32: %d values drawn alike, %d not decided by a margin of %.3f; share of"
                            + " the tolerated difference of log-probabilities %.3f",
                    drawn,
                    given,
                    MARGIN,
                    share);
        }
    }

    /**
     * Compares the first values of an image.
     *
     * @throws IllegalStateException when they are not alike
     */
    Found check(int label, long seed, int count) throws OrtException {
        Image image = draw(label, seed, count);
        Found found = new Found(0, 0, 0);
        for (int length : LENGTHS) {
            found = compare(image, label, seed, length, found);
        }
        if (!(found.share() <= 1)) { // also when it is not a number
            throw new IllegalStateException("the graph of chunks does not compute what the steps do; " + found.text());
        }
        return found;
    }

    /** What the steps draw: values, which of them are given to the chunks, and log-probabilities. */
    private record Image(int[] values, int[] given, double[] nats) {}

    private Image draw(int label, long seed, int count) throws OrtException {
        int levels = steps.bundle().getGeometry().getLevels();
        int channels = steps.bundle().getGeometry().getChannels();
        LevelSampler sampler = new LevelSampler(levels);
        byte[] values = new byte[steps.bundle().getAutoregression().getSteps()];
        Image image = new Image(new int[count], new int[count], new double[count]);
        Arrays.fill(image.given(), ChunkSession.DRAW);
        try (StepSession session = new StepSession(steps, 1, conditions)) {
            for (int i = 0; i < count; i++) {
                float[] logits = session.logits(List.of(values), new int[] {label}, i, 1);
                int value = sampler.draw(logits, 0, 1, 0, 1, ChunkSampler.uniform(seed, channels, i));
                if (sampler.margin() < MARGIN) {
                    image.given()[i] = value;
                }
                values[i] = (byte) value;
                image.values()[i] = value;
                image.nats()[i] = sampler.logProbability(logits, 0, value);
            }
        }
        return image;
    }

    private Found compare(Image image, int label, long seed, int length, Found before) throws OrtException {
        double share = before.share();
        int drawn = before.drawn();
        try (ChunkSession session = new ChunkSession(chunks, 1, conditions)) {
            ChunkSampler.Image other =
                    new ChunkSampler(chunks.bundle(), session, length).draw(label, seed, image.given(), 1, 1);
            for (int i = 0; i < image.values().length; i++) {
                if ((other.values()[i] & 0xFF) != image.values()[i]) {
                    throw new IllegalStateException("in chunks of " + length + " value " + i + " is "
                            + (other.values()[i] & 0xFF) + ", step by step " + image.values()[i]);
                }
                double difference = Math.abs(other.logProbabilities()[i] - image.nats()[i])
                        / (ABSOLUTE + RELATIVE * Math.abs(image.nats()[i]));
                share = difference <= share ? share : difference; // lets NaN through
                drawn += image.given()[i] == ChunkSession.DRAW ? 1 : 0;
            }
        }
        int all = before.drawn() + before.given() + image.values().length;
        return new Found(share, drawn, all - drawn);
    }
}
