package io.scanline.trainer.models;

/**
 * Images as a model sees them: one channel, quantised.
 *
 * @param width columns
 * @param height rows
 * @param levels levels of a value, 2 to 256
 * @param classes classes that images belong to
 */
public record ImageShape(int width, int height, int levels, int classes) {
    /** Values of an image. */
    public int values() {
        return width * height;
    }
}
