package io.scanline.trainer.data;

import io.scanline.contract.CounterRandom;
import java.util.stream.IntStream;

/**
 * Lays images of the same class over one another, as if one were half-way between two ways of drawing it: the mixing of Zhang et
 * al. 2018 ("mixup: beyond empirical risk minimization", arXiv:1710.09412, equation 1) within a class, so that labels stay. Colours
 * count by alpha where there is one.
 *
 * <pre>  v = l v_1 + (1 - l) v_2,  l uniform in [0, 1)</pre>
 *
 * @param share of the images that are laid over another one, 0 to 1
 * @param seed of the draws
 */
record Blend(double share, long seed) {
    /** Draws of an image that are those of none of its values, and none of {@link Augmented}. */
    private static final int WHETHER = -101;

    private static final int WHICH = -102;
    private static final int HOW_MUCH = -103;

    /**
     * Changes images in place.
     *
     * @param images to change: the levels of those of these indices
     * @param plain what makes levels
     * @param intensities all of them
     */
    void apply(ImageSet images, Discretiser plain, ImageSet intensities, int[] indices, int step) {
        for (int n = 0; n < indices.length; n++) {
            if (CounterRandom.uniform(seed, indices[n], WHETHER, step) < share) {
                int other = other(intensities, indices[n], step);
                byte[] second = plain.at(step, intensities, new int[] {other}).values();
                mix(images, n, second, CounterRandom.uniform(seed, indices[n], HOW_MUCH, step));
            }
        }
    }

    /** One of all images of the same class, the image itself among them. */
    private int other(ImageSet intensities, int index, int step) {
        String name = intensities.className(index);
        int[] alike = IntStream.range(0, intensities.size())
                .filter(i -> intensities.className(i).equals(name))
                .toArray();
        return alike[(int) (CounterRandom.uniform(seed, index, WHICH, step) * alike.length)];
    }

    private static void mix(ImageSet images, int n, byte[] second, double share) {
        int channels = images.channels();
        int alpha = channels == 4 ? 3 : -1;
        int start = n * images.valuesPerImage();
        byte[] values = images.values();
        for (int pixel = 0; pixel < second.length; pixel += channels) {
            int at = start + pixel;
            double first = alpha < 0 ? share : share * (values[at + alpha] & 255);
            double other = alpha < 0 ? 1 - share : (1 - share) * (second[pixel + alpha] & 255);
            double all = first + other;
            for (int channel = 0; channel < channels; channel++) {
                if (channel == alpha) {
                    values[at + channel] = (byte) Math.round(all);
                } else if (all > 0) { // else nothing is to be seen
                    values[at + channel] = (byte) Math.round(
                            (first * (values[at + channel] & 255) + other * (second[pixel + channel] & 255)) / all);
                }
            }
        }
    }
}
