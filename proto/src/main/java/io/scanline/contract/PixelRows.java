package io.scanline.contract;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;

/** A picture that is read row by row. */
public interface PixelRows {
    /** Columns. */
    int width();

    /** Rows. */
    int height();

    /** Reads row y as 8-bit straight alpha, red, green and blue, packed as 0xAARRGGBB; {@code argb} holds the width. */
    void read(int y, int[] argb);

    /** The rows of a decoded picture. */
    static PixelRows of(BufferedImage picture) {
        ColorModel model = picture.getColorModel();
        boolean grey = model.getColorSpace().getType() == ColorSpace.TYPE_GRAY && !(model instanceof IndexColorModel);
        return grey ? new Grey(picture) : new Coloured(picture);
    }

    /** Colours, which Java converts. */
    record Coloured(BufferedImage picture) implements PixelRows {
        @Override
        public int width() {
            return picture.getWidth();
        }

        @Override
        public int height() {
            return picture.getHeight();
        }

        @Override
        public void read(int y, int[] argb) {
            picture.getRGB(0, y, width(), 1, argb, 0, width());
        }
    }

    /**
     * Grey samples as they are stored. Java takes them for linear light and would make them brighter, but files mean
     * the same curve as in their colours.
     */
    record Grey(BufferedImage picture) implements PixelRows {
        @Override
        public int width() {
            return picture.getWidth();
        }

        @Override
        public int height() {
            return picture.getHeight();
        }

        @Override
        public void read(int y, int[] argb) {
            int[] greys = samples(y, 0);
            int[] alphas = picture.getColorModel().hasAlpha() ? samples(y, 1) : null;
            for (int x = 0; x < argb.length; x++) {
                argb[x] = (alphas == null ? 255 : alphas[x]) << 24 | greys[x] * 0x010101;
            }
        }

        private int[] samples(int y, int band) {
            int[] samples = picture.getRaster().getSamples(0, y, width(), 1, band, (int[]) null);
            int largest = (1 << picture.getColorModel().getComponentSize(band)) - 1;
            for (int x = 0; x < samples.length; x++) {
                samples[x] = (samples[x] * 255 + largest / 2) / largest;
            }
            return samples;
        }
    }
}
