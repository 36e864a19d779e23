package io.scanline.trainer.evaluation;

/**
 * How much neighbouring values of an image differ, in two measures. A blurred step has the sum of absolute differences
 * of a sharp one, spread over more pixels, and a smaller sum of squares: that of absolute differences says how much
 * contrast is left, that of squares how sharp it is.
 *
 * @param absolute sum of absolute differences between values beside and above each other
 * @param energy sum of their squares, of what is to be seen: with transparency, of colours times alpha, and alpha
 */
public record Edges(double absolute, double energy) {
    private static final int WITH_ALPHA = 4;

    /**
     * Those of one image.
     *
     * @param planes intensities, (.., C, H, W)
     * @param from index of the image's first value
     */
    public static Edges of(float[] planes, int from, int channels, int height, int width) {
        int pixels = height * width;
        int alpha = channels == WITH_ALPHA ? from + (channels - 1) * pixels : -1;
        double absolute = 0;
        double energy = 0;
        for (int i = 0; i < pixels * channels; i++) {
            boolean colour = alpha >= 0 && i / pixels < channels - 1;
            int pixel = i % pixels;
            for (boolean beside : new boolean[] {true, false}) {
                if (beside ? pixel % width == 0 : pixel < width) {
                    continue; // no neighbour
                }
                int step = beside ? 1 : width;
                double here = planes[from + i];
                double other = planes[from + i - step];
                absolute += Math.abs(here - other);
                double seen = colour
                        ? here * planes[alpha + pixel] - other * planes[alpha + pixel - step]
                        : here - other;
                energy += seen * seen;
            }
        }
        return new Edges(absolute, energy);
    }
}
