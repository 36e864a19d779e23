package io.scanline.trainer.data;

/**
 * A small square picture.
 *
 * @param edge columns and rows
 * @param rgba (edge, edge, 4) 8-bit red, green, blue and straight alpha; a wholly transparent pixel is all zeros
 */
record SquarePicture(int edge, byte[] rgba) {
    /**
     * The middle square of a picture at another size. Every pixel is the mean over the area that it covers, in
     * premultiplied alpha: the colour of what cannot be seen must not bleed into what can.
     */
    static SquarePicture of(PixelRows picture, int edge) {
        int side = Math.min(picture.width(), picture.height());
        double top = (picture.height() - side) / 2.0;
        double left = (picture.width() - side) / 2.0;
        double scale = (double) side / edge;
        int[] argb = new int[picture.width()];
        double[] row = new double[edge * 4];
        double[] sums = new double[edge * edge * 4];
        for (int y = (int) top; y < top + side; y++) {
            picture.read(y, argb);
            shrinkRow(argb, left, scale, row);
            for (int target = first(y, top, scale); target < edge && top + target * scale < y + 1; target++) {
                double height = overlap(y, top + target * scale, scale);
                for (int i = 0; i < row.length; i++) {
                    sums[target * row.length + i] += height * row[i];
                }
            }
        }
        return new SquarePicture(edge, straight(sums, scale * scale));
    }

    /** Sums of alpha times red, green, blue and one, over the columns that each pixel covers. */
    private static void shrinkRow(int[] argb, double left, double scale, double[] row) {
        for (int target = 0; target < row.length / 4; target++) {
            double start = left + target * scale;
            double red = 0;
            double green = 0;
            double blue = 0;
            double alpha = 0;
            for (int x = (int) start; x < argb.length && x < start + scale; x++) {
                double weight = overlap(x, start, scale) * (argb[x] >>> 24);
                red += weight * (argb[x] >> 16 & 0xFF);
                green += weight * (argb[x] >> 8 & 0xFF);
                blue += weight * (argb[x] & 0xFF);
                alpha += weight;
            }
            row[target * 4] = red;
            row[target * 4 + 1] = green;
            row[target * 4 + 2] = blue;
            row[target * 4 + 3] = alpha;
        }
    }

    /** The first target pixel that a source pixel may touch. */
    private static int first(int source, double origin, double scale) {
        return Math.max(0, (int) Math.floor((source - origin) / scale));
    }

    /** Length that source pixel [at, at + 1) shares with [start, start + length). */
    private static double overlap(int at, double start, double length) {
        return Math.max(0, Math.min(at + 1, start + length) - Math.max(at, start));
    }

    private static byte[] straight(double[] sums, double area) {
        byte[] rgba = new byte[sums.length];
        for (int pixel = 0; pixel < sums.length; pixel += 4) {
            double weight = sums[pixel + 3];
            long alpha = Math.round(weight / area);
            if (alpha > 0) {
                for (int channel = 0; channel < 3; channel++) {
                    rgba[pixel + channel] = (byte) Math.round(sums[pixel + channel] / weight);
                }
                rgba[pixel + 3] = (byte) Math.min(alpha, 255);
            }
        }
        return rgba;
    }

    /** Whether something can be seen through it. */
    boolean transparent() {
        for (int i = 3; i < rgba.length; i += 4) {
            if (rgba[i] != (byte) 255) {
                return true;
            }
        }
        return false;
    }

    /** Whether some pixel is not grey. */
    boolean coloured() {
        for (int i = 0; i < rgba.length; i += 4) {
            if (rgba[i] != rgba[i + 1] || rgba[i] != rgba[i + 2]) {
                return true;
            }
        }
        return false;
    }
}
