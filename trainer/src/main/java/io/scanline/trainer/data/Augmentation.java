package io.scanline.trainer.data;

/**
 * How training images are changed, so that a model cannot learn them by heart.
 *
 * @param shift most pixels that an image is moved, in each direction; what comes in repeats the edge
 * @param flip whether half of the images are mirrored, left to right
 */
public record Augmentation(int shift, boolean flip) {}
