package io.scanline.trainer.data;

/**
 * How training images are changed, so that a model cannot learn them by heart.
 *
 * @param shift most pixels that an image is moved, in each direction; what comes in repeats the edge
 * @param flip whether half of the images are mirrored, left to right
 * @param distort what else is done to them; null: nothing
 */
public record Augmentation(int shift, boolean flip, Distortion distort) {
    /** Whether the numbers are in range. */
    public boolean inRange() {
        return shift >= 0 && (distort == null || distort.inRange());
    }
}
