package io.scanline.trainer.data;

import io.scanline.contract.CounterRandom;

/**
 * Moves, mirrors and distorts images in training; those that figures are reported on stay as they are.
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
    private static final int TURN = -4;
    private static final int ZOOM = -5;
    private static final int STRETCH = -51;
    private static final int PLAIN = -52;
    private static final int TINT = -6; // and the three below, and so on: four for each colour

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
        if (augmentation.distort() != null) {
            new Blend(augmentation.distort().blend(), seed).apply(images, plain, intensities, indices, step);
        }
        for (int n = 0; n < indices.length; n++) {
            place(images, n, indices[n], step);
            if (augmentation.distort() != null) {
                distort(images, n, indices[n], step, augmentation.distort());
            }
        }
        return images;
    }

    private void place(ImageSet images, int n, int image, int step) {
        Distortion distort = augmentation.distort();
        boolean plain = distort == null || CounterRandom.uniform(seed, image, PLAIN, step) < distort.plain();
        double turn = plain ? 0 : Math.toRadians(distort.turn()) * even(image, TURN, step);
        double zoom = plain ? 0 : distort.zoom() * even(image, ZOOM, step);
        double stretch = plain ? 0 : distort.stretch() * even(image, STRETCH, step);
        boolean mirrored = augmentation.flip() && CounterRandom.uniform(seed, image, MIRROR, step) < 0.5;
        new Placement(
                        images.width(),
                        images.height(),
                        shift(image, DOWN, step),
                        shift(image, RIGHT, step),
                        mirrored,
                        turn,
                        Math.exp(zoom + stretch),
                        Math.exp(zoom - stretch))
                .apply(images, n);
    }

    private void distort(ImageSet images, int n, int image, int step, Distortion distort) {
        new Recolouring(distort.recolour(), seed).apply(images, n, image, step);
        if (distort.colour() > 0) {
            tint(images, n, image, step, distort.colour());
        }
        new HiddenPart(distort.hide(), seed).apply(images, n, image, step, levels() - 1);
    }

    private int shift(int image, int axis, int step) {
        int most = augmentation.shift();
        return (int) (CounterRandom.uniform(seed, image, axis, step) * (2 * most + 1)) - most;
    }

    /** A draw from [-1, 1). */
    private double even(int image, int draw, int step) {
        return 2 * CounterRandom.uniform(seed, image, draw, step) - 1;
    }

    /** v' = middle + (1 + a)(v - middle) + highest (b + c x + d y) / 2 for every colour, x and y in [-1, 1]. */
    private void tint(ImageSet images, int n, int image, int step, double most) {
        int channels = images.channels();
        int colours = channels == 4 ? 3 : channels; // alpha stays
        double highest = levels() - 1;
        for (int colour = 0; colour < colours; colour++) {
            int draw = TINT - 4 * colour;
            double stretch = 1 + most * even(image, draw, step);
            double all = highest / 2 * most * even(image, draw - 1, step);
            double across = highest / 2 * most * even(image, draw - 2, step);
            double downwards = highest / 2 * most * even(image, draw - 3, step);
            int at = n * images.valuesPerImage() + colour;
            for (int y = 0; y < images.height(); y++) {
                for (int x = 0; x < images.width(); x++, at += channels) {
                    double value = highest / 2 + stretch * ((images.values()[at] & 255) - highest / 2) + all
                            + across * (2.0 * x / images.width() - 1) + downwards * (2.0 * y / images.height() - 1);
                    images.values()[at] = (byte) Math.round(Math.max(0, Math.min(highest, value)));
                }
            }
        }
    }

    @Override
    public ImageSet fixed(ImageSet intensities) {
        return plain.fixed(intensities);
    }
}
