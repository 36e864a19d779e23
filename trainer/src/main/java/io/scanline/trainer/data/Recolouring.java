package io.scanline.trainer.data;

import io.scanline.contract.CounterRandom;

/**
 * Mixes the colours of images, so that a blue button and an orange one are the same button. White, black and grey stay:
 *
 * <pre>  (r, g, b)' = M (r, g, b),  every row of M uniform among the weights that add up to 1</pre>
 *
 * <p>Images of one channel stay as they are, and so does alpha.
 *
 * @param share of the images that are changed, 0 to 1
 * @param seed of the draws
 */
record Recolouring(double share, long seed) {
    /** Draws of an image that are those of none of its values, and of nothing else that is done to it. */
    private static final int WHETHER = -201;

    private static final int WEIGHTS = -202; // and the eight below
    private static final int COLOURS = 3;

    /**
     * Changes an image of a set.
     *
     * @param n which of the set
     * @param image by which its draws are told from others
     */
    void apply(ImageSet images, int n, int image, int step) {
        if (images.channels() < COLOURS || CounterRandom.uniform(seed, image, WHETHER, step) >= share) {
            return;
        }
        double[] weights = weights(image, step);
        byte[] values = images.values();
        double[] mixed = new double[COLOURS];
        int start = n * images.valuesPerImage();
        for (int at = start; at < start + images.valuesPerImage(); at += images.channels()) {
            for (int to = 0; to < COLOURS; to++) {
                mixed[to] = 0;
                for (int from = 0; from < COLOURS; from++) {
                    mixed[to] += weights[to * COLOURS + from] * (values[at + from] & 255);
                }
            }
            for (int to = 0; to < COLOURS; to++) {
                values[at + to] = (byte) Math.round(mixed[to]);
            }
        }
    }

    /** M, row by row: normalised exponential draws lie evenly among the weights that add up to 1. */
    private double[] weights(int image, int step) {
        double[] weights = new double[COLOURS * COLOURS];
        for (int row = 0; row < COLOURS; row++) {
            double sum = 0;
            for (int at = row * COLOURS; at < (row + 1) * COLOURS; at++) {
                weights[at] = -Math.log(1 - CounterRandom.uniform(seed, image, WEIGHTS - at, step));
                sum += weights[at];
            }
            for (int at = row * COLOURS; at < (row + 1) * COLOURS; at++) {
                weights[at] /= sum;
            }
        }
        return weights;
    }
}
