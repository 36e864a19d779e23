package io.scanline.trainer.models;

/**
 * Images as a model sees them: one channel, quantised.
 *
 * @param width columns
 * @param height rows
 * @param levels levels of a value, 2 to 256
 * @param classes classes that images belong to; 0: the model does not know of classes
 */
public record ImageShape(int width, int height, int levels, int classes) {
    /** The same images, their classes only where the model is to know of them. */
    public ImageShape conditional(boolean conditional) {
        return conditional ? this : new ImageShape(width, height, levels, 0);
    }

    /** Whether the model knows of classes. */
    public boolean hasClasses() {
        return classes > 0;
    }

    /** Values of an image. */
    public int values() {
        return width * height;
    }
}
