package io.scanline.trainer.data;

import io.scanline.contract.PixelRows;

/**
 * The pixels of one image of an idx file.
 *
 * @param images (images, rows, columns) or (images, rows, columns, channels)
 * @param image which of them
 * @param channels 1 grey, 3 red, green and blue, 4 with straight alpha
 */
record IdxPixels(IdxArray images, int image, int channels) implements PixelRows {
    @Override
    public int width() {
        return images.shape()[2];
    }

    @Override
    public int height() {
        return images.shape()[1];
    }

    @Override
    public void read(int y, int[] argb) {
        int at = (image * height() + y) * width() * channels;
        for (int x = 0; x < width(); x++, at += channels) {
            int red = value(at);
            int green = channels == 1 ? red : value(at + 1);
            int blue = channels == 1 ? red : value(at + 2);
            int alpha = channels == 4 ? value(at + 3) : 255;
            argb[x] = alpha << 24 | red << 16 | green << 8 | blue;
        }
    }

    private int value(int at) {
        return images.data()[at] & 0xFF;
    }
}
