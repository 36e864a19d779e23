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
 * @param stretch most that an image is made wider and flatter, or narrower and taller, as a share, 0 to 0.5; absent: 0
 * @param recolour share of the images whose colours are mixed with one another, 0 to 1; see {@link Recolouring}; absent: 0
 * @param hide share of the images of which a part is hidden, 0 to 1; see {@link HiddenPart}; absent: 0
 * @param plain share of the images that are neither turned nor made larger, smaller, wider or taller, 0 to 1: whatever is looks
 *     softer, and none of those that a model is asked about do; absent: 0
 */
public record Distortion(
        double turn, double zoom, double colour, double blend, Double stretch, Double recolour, Double hide,
        Double plain) {
    private static final double WIDEST_TURN = 45;
    private static final double LARGEST_ZOOM = 0.5;

    /** Takes what is absent for 0. */
    public Distortion {
        stretch = stretch == null ? 0.0 : stretch;
        recolour = recolour == null ? 0.0 : recolour;
        hide = hide == null ? 0.0 : hide;
        plain = plain == null ? 0.0 : plain;
    }

    /** Whether the numbers are in range. */
    public boolean inRange() {
        return within(turn, WIDEST_TURN)
                && within(zoom, LARGEST_ZOOM)
                && within(stretch, LARGEST_ZOOM)
                && within(colour, 1)
                && within(blend, 1)
                && within(recolour, 1)
                && within(hide, 1)
                && within(plain, 1);
    }

    private static boolean within(double number, double most) {
        return number >= 0 && number <= most;
    }
}
