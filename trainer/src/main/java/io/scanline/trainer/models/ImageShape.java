package io.scanline.trainer.models;

/**
 * Images as a model sees them: quantised.
 *
 * @param width columns
 * @param height rows
 * @param channels values of a pixel
 * @param levels levels of a value, 2 to 256
 * @param classes classes that images belong to; 0: the model does not know of classes
 */
public record ImageShape(int width, int height, int channels, int levels, int classes) {
    /** Images of one channel. */
    public ImageShape(int width, int height, int levels, int classes) {
        this(width, height, 1, levels, classes);
    }

    /** The same images, their classes only where the model is to know of them. */
    public ImageShape conditional(boolean conditional) {
        return conditional ? this : new ImageShape(width, height, channels, levels, 0);
    }

    /** Whether the model knows of classes. */
    public boolean hasClasses() {
        return classes > 0;
    }

    /** Values of an image. */
    public int values() {
        return width * height * channels;
    }
}
