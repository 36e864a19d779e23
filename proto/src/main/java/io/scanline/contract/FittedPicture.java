package io.scanline.contract;

import io.scanline.bundle.v1.PictureFit;

/**
 * A picture at the size of a model's images. Training data are made by it and so is what a server shows a model: the
 * numbers are the same to the last bit.
 *
 * @param width columns
 * @param height rows
 * @param rgba (height, width, 4) 8-bit red, green, blue and straight alpha; a wholly transparent pixel is all zeros
 */
public record FittedPicture(int width, int height, byte[] rgba) {
    /**
     * A picture at another size. Every pixel is the mean over the area that it covers, in premultiplied alpha: the
     * colour of what cannot be seen must not bleed into what can. What lies beside the picture is transparent.
     *
     * @throws IllegalArgumentException when the fit is none of the known ones
     */
    public static FittedPicture of(PixelRows picture, int width, int height, PictureFit fit) {
        Window window = Window.of(picture, width, height, fit);
        double across = window.width / width;
        double down = window.height / height;
        int[] argb = new int[picture.width()];
        double[] row = new double[width * 4];
        double[] sums = new double[width * height * 4];
        int bottom = (int) Math.min(picture.height(), Math.ceil(window.top + window.height));
        for (int y = Math.max(0, (int) window.top); y < bottom; y++) {
            picture.read(y, argb);
            shrinkRow(argb, window.left, across, row);
            for (int target = first(y, window.top, down);
                    target < height && window.top + target * down < y + 1;
                    target++) {
                double share = overlap(y, window.top + target * down, down);
                for (int i = 0; i < row.length; i++) {
                    sums[target * row.length + i] += share * row[i];
                }
            }
        }
        return new FittedPicture(width, height, straight(sums, across * down));
    }

    /** The part of a picture that is shown; it may reach beyond the picture. In pixels of the picture. */
    private record Window(double left, double top, double width, double height) {
        static Window of(PixelRows picture, int width, int height, PictureFit fit) {
            // Of the aspect ratio of the target, one side being the picture's own. Exact for squares.
            boolean narrow = (long) picture.width() * height <= (long) picture.height() * width;
            double ownHeight = (double) picture.width() * height / width;
            double ownWidth = (double) picture.height() * width / height;
            return switch (fit) {
                case PICTURE_FIT_COVER -> narrow
                        ? middle(picture, picture.width(), ownHeight)
                        : middle(picture, ownWidth, picture.height());
                case PICTURE_FIT_CONTAIN -> narrow
                        ? middle(picture, ownWidth, picture.height())
                        : middle(picture, picture.width(), ownHeight);
                case PICTURE_FIT_STRETCH -> middle(picture, picture.width(), picture.height());
                default -> throw new IllegalArgumentException("a picture must be contained, cover or be stretched");
            };
        }

        private static Window middle(PixelRows picture, double width, double height) {
            return new Window((picture.width() - width) / 2.0, (picture.height() - height) / 2.0, width, height);
        }
    }

    /** Sums of alpha times red, green, blue and one, over the columns that each pixel covers. */
    private static void shrinkRow(int[] argb, double left, double scale, double[] row) {
        for (int target = 0; target < row.length / 4; target++) {
            double start = left + target * scale;
            double red = 0;
            double green = 0;
            double blue = 0;
            double alpha = 0;
            for (int x = Math.max(0, (int) start); x < argb.length && x < start + scale; x++) {
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
    public boolean transparent() {
        for (int i = 3; i < rgba.length; i += 4) {
            if (rgba[i] != (byte) 255) {
                return true;
            }
        }
        return false;
    }

    /** Whether some pixel is not grey. */
    public boolean coloured() {
        for (int i = 0; i < rgba.length; i += 4) {
            if (rgba[i] != rgba[i + 1] || rgba[i] != rgba[i + 2]) {
                return true;
            }
        }
        return false;
    }

    /**
     * The intensities of an image of it.
     *
     * @param channels 1: grey, by the luma of Rec. 601; 3: red, green, blue; 4: with straight alpha
     * @param background grey that it is laid on when the image has no alpha, 0 to 255
     * @return (height, width, channels), 8 bits each
     */
    public byte[] intensities(int channels, int background) {
        if (channels == 4) {
            return rgba.clone();
        }
        byte[] intensities = new byte[width * height * channels];
        int[] colour = new int[3];
        for (int pixel = 0; pixel < width * height; pixel++) {
            int alpha = rgba[pixel * 4 + 3] & 0xFF;
            for (int channel = 0; channel < 3; channel++) {
                int own = rgba[pixel * 4 + channel] & 0xFF;
                colour[channel] = (own * alpha + background * (255 - alpha) + 127) / 255;
            }
            if (channels == 1) {
                intensities[pixel] = (byte) ((299 * colour[0] + 587 * colour[1] + 114 * colour[2] + 500) / 1000);
            } else {
                for (int channel = 0; channel < 3; channel++) {
                    intensities[pixel * 3 + channel] = (byte) colour[channel];
                }
            }
        }
        return intensities;
    }
}
