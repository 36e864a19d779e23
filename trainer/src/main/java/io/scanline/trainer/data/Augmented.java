package io.scanline.trainer.data;

import io.scanline.contract.CounterRandom;

/**
 * Moves and mirrors images in training; those that figures are reported on stay as they are.
 *
 * @param plain what makes the levels
 * @param augmentation what is done to them then
 * @param seed of the draws
 */
public record Augmented(Discretiser plain, Augmentation augmentation, long seed) implements Discretiser {
    /** Draws of an image that are those of none of its values. */
    private static final int DOWN = -1;

    private static final int RIGHT = -2;
    private static final int MIRROR = -3;

    @Override
    public int levels() {
        return plain.levels();
    }

    @Override
    public String protocol() {
        return plain.protocol();
    }

    @Override
    public ImageSet at(int step, ImageSet intensities, int[] indices) {
        ImageSet images = plain.at(step, intensities, indices);
        for (int n = 0; n < indices.length; n++) {
            int down = shift(indices[n], DOWN, step);
            int right = shift(indices[n], RIGHT, step);
            boolean mirrored = augmentation.flip() && CounterRandom.uniform(seed, indices[n], MIRROR, step) < 0.5;
            change(images, n, down, right, mirrored);
        }
        return images;
    }

    private int shift(int image, int axis, int step) {
        int most = augmentation.shift();
        return (int) (CounterRandom.uniform(seed, image, axis, step) * (2 * most + 1)) - most;
    }

    private static void change(ImageSet images, int n, int down, int right, boolean mirrored) {
        byte[] before = images.image(n);
        int start = n * images.valuesPerImage();
        for (int y = 0; y < images.height(); y++) {
            int sourceY = Math.max(0, Math.min(images.height() - 1, y - down));
            for (int x = 0; x < images.width(); x++) {
                int moved = Math.max(0, Math.min(images.width() - 1, x - right));
                int sourceX = mirrored ? images.width() - 1 - moved : moved;
                int target = start + (y * images.width() + x) * images.channels();
                int source = (sourceY * images.width() + sourceX) * images.channels();
                System.arraycopy(before, source, images.values(), target, images.channels());
            }
        }
    }

    @Override
    public ImageSet fixed(ImageSet intensities) {
        return plain.fixed(intensities);
    }
}
