package io.scanline.trainer.data;

import io.scanline.contract.CounterRandom;

/**
 * Hides a rectangle of images behind one colour, alpha among its channels, so that no single part decides what they show (Zhong et
 * al. 2020, "Random erasing data augmentation", arXiv:1708.04896; DeVries and Taylor 2017, arXiv:1708.04552). Its edges are an
 * eighth to a half of the image's; where it leaves the image it is smaller.
 *
 * @param share of the images that are changed, 0 to 1
 * @param seed of the draws
 */
record HiddenPart(double share, long seed) {
    /** Draws of an image that are those of none of its values, and of nothing else that is done to it. */
    private static final int WHETHER = -301;

    private static final int WIDTH = -302;
    private static final int HEIGHT = -303;
    private static final int COLUMN = -304;
    private static final int ROW = -305;
    private static final int VALUES = -306; // and one below for each other channel
    private static final double SMALLEST = 1.0 / 8;
    private static final double LARGEST = 1.0 / 2;

    /**
     * Changes an image of a set.
     *
     * @param n which of the set
     * @param image by which its draws are told from others
     * @param highest the largest value
     */
    void apply(ImageSet images, int n, int image, int step, int highest) {
        if (uniform(image, WHETHER, step) >= share) {
            return;
        }
        int width = edge(images.width(), uniform(image, WIDTH, step));
        int height = edge(images.height(), uniform(image, HEIGHT, step));
        int left = (int) (uniform(image, COLUMN, step) * images.width()) - width / 2;
        int top = (int) (uniform(image, ROW, step) * images.height()) - height / 2;
        int start = n * images.valuesPerImage();
        for (int channel = 0; channel < images.channels(); channel++) {
            byte value = (byte) Math.round(highest * uniform(image, VALUES - channel, step));
            for (int y = Math.max(0, top); y < Math.min(images.height(), top + height); y++) {
                for (int x = Math.max(0, left); x < Math.min(images.width(), left + width); x++) {
                    images.values()[start + (y * images.width() + x) * images.channels() + channel] = value;
                }
            }
        }
    }

    private static int edge(int whole, double draw) {
        return (int) Math.max(1, Math.round(whole * (SMALLEST + draw * (LARGEST - SMALLEST))));
    }

    private double uniform(int image, int draw, int step) {
        return CounterRandom.uniform(seed, image, draw, step);
    }
}
