package io.scanline.server.engine;

import io.scanline.contract.LevelSampler;
import io.scanline.server.runtime.GraphException;

/** Log-probabilities of the values of one image as they come in, in generation order. */
final class ScoreTally {
    private final byte[] image;
    private final float[] each;
    private int known;
    private double sum;

    ScoreTally(byte[] image) {
        this.image = image;
        this.each = new float[image.length];
    }

    /**
     * Takes the logits of the next value.
     *
     * @param at where they begin
     * @throws GraphException when they are not numbers
     */
    void add(LevelSampler sampler, float[] logits, int at) throws GraphException {
        double logProbability = sampler.logProbability(logits, at, image[known] & 0xFF);
        if (Double.isNaN(logProbability)) {
            throw new GraphException("the graph answered with logits that are not numbers");
        }
        add(logProbability);
    }

    /** Takes the log-probability of the next value, in nats. */
    void add(double logProbability) {
        each[known++] = (float) logProbability;
        sum += logProbability;
    }

    /** The score of the image, all its values being known. */
    ImageScore score() {
        return new ImageScore(sum, -sum / (StrictMath.log(2) * image.length), each);
    }
}
