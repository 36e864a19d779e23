package io.scanline.cli.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;

/** Reads pixels as they are stored in the file. */
final class PixelReader {
    private PixelReader() {}

    /** Red, green, blue and alpha of a pixel, 0 to 255. */
    static int[] rgba(BufferedImage image, int x, int y) {
        if (storesGrey(image)) {
            // getRGB would convert from Java's linear grey and change the value.
            int grey = sample(image, x, y, 0);
            int alpha = image.getColorModel().hasAlpha() ? sample(image, x, y, 1) : 255;
            return new int[] {grey, grey, grey, alpha};
        }
        int argb = image.getRGB(x, y);
        return new int[] {argb >> 16 & 0xFF, argb >> 8 & 0xFF, argb & 0xFF, argb >>> 24};
    }

    private static boolean storesGrey(BufferedImage image) {
        return image.getColorModel() instanceof ComponentColorModel
                && image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY;
    }

    private static int sample(BufferedImage image, int x, int y, int band) {
        int sample = image.getRaster().getSample(x, y, band);
        return image.getRaster().getDataBuffer().getDataType() == DataBuffer.TYPE_USHORT ? sample >> 8 : sample;
    }
}
