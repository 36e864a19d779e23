package io.scanline.server.transport;

import java.awt.image.BufferedImage;

/** Makes pictures smaller. A pixel is the mean of the area that it stands for, transparent pixels by their alpha. */
final class Shrinking {
    private Shrinking() {}

    /**
     * A picture whose longer side is {@code size}, the other in proportion; never larger than it was.
     *
     * @param size 0: as it is
     * @param argb row by row, alpha not multiplied in
     */
    static BufferedImage toFit(int size, int width, int height, int[] argb) {
        int longest = Math.max(width, height);
        boolean fits = size == 0 || size >= longest;
        int columns = fits ? width : side(width, size, longest);
        int rows = fits ? height : side(height, size, longest);
        BufferedImage picture = new BufferedImage(columns, rows, BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                picture.setRGB(x, y, fits
                        ? argb[y * width + x]
                        : mean(argb, width, x * width / columns, (x + 1) * width / columns, y * height / rows,
                                (y + 1) * height / rows));
            }
        }
        return picture;
    }

    private static int side(int length, int size, int longest) {
        return Math.max(1, (int) Math.round((double) length * size / longest));
    }

    /** The mean of the pixels from (left, top) to before (right, bottom). */
    private static int mean(int[] argb, int width, int left, int right, int top, int bottom) {
        long alpha = 0;
        long[] sums = new long[3];
        for (int y = top; y < bottom; y++) {
            for (int x = left; x < right; x++) {
                int pixel = argb[y * width + x];
                int weight = pixel >>> 24;
                alpha += weight;
                for (int c = 0; c < 3; c++) {
                    sums[c] += (long) weight * (pixel >> 8 * c & 0xFF);
                }
            }
        }
        if (alpha == 0) {
            return 0;
        }
        long pixels = (long) (right - left) * (bottom - top);
        int mean = (int) ((alpha + pixels / 2) / pixels) << 24;
        for (int c = 0; c < 3; c++) {
            mean |= (int) ((sums[c] + alpha / 2) / alpha) << 8 * c;
        }
        return mean;
    }
}
