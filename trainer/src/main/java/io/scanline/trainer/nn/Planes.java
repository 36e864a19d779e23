package io.scanline.trainer.nn;

/**
 * Size of an image, or of what layers make of it.
 *
 * @param channels C
 * @param height H
 * @param width W
 */
public record Planes(int channels, int height, int width) {
    /** Numbers of one image. */
    public int values() {
        return channels * height * width;
    }

    /**
     * Half the edges and other channels.
     *
     * @throws IllegalArgumentException when an edge is odd
     */
    public Planes halved(int otherChannels) {
        if (height % 2 != 0 || width % 2 != 0) {
            throw new IllegalArgumentException(
                    "images of " + width + " x " + height + " cannot be halved: use fewer features, or other images");
        }
        return new Planes(otherChannels, height / 2, width / 2);
    }
}
