package io.scanline.trainer.data;

/**
 * Changes that keep what an image shows and not how it is drawn, for models that are to know it in a style that they never
 * saw: domain randomisation.
 *
 * @param turn most degrees that an image is turned, either way, 0 to 45
 * @param zoom most that an image is made larger or smaller, as a share, 0 to 0.5
 * @param colour most that each colour is stretched around the middle, as a share, and half of what is added to it, as a share of
 *     the range, both evenly and as a slope across the image, 0 to 1; alpha stays
 * @param blend share of the images that another one of the same class, or with the same caption, is laid over, 0 to 1; see
 *     {@link Blend}
 */
public record Distortion(double turn, double zoom, double colour, double blend) {
    /** Whether the numbers are in range. */
    public boolean inRange() {
        return turn >= 0 && turn <= 45 && zoom >= 0 && zoom <= 0.5 && colour >= 0 && colour <= 1
                && blend >= 0 && blend <= 1;
    }
}
