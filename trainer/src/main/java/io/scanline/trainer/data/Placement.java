package io.scanline.trainer.data;

/**
 * Where an image is seen: mirrored, then made wider and taller and turned about its middle, then moved. Values between pixels are
 * interpolated linearly, colours weighted by alpha where there is one; what comes in repeats the edge. Moved by whole pixels
 * alone, every value stays what it was.
 *
 * @param width columns
 * @param height rows
 * @param down pixels that it is moved down
 * @param right pixels that it is moved to the right
 * @param mirrored whether left and right change places
 * @param turn radians that it is turned
 * @param wider how much wider it becomes, before it is turned, above 0
 * @param taller how much taller
 */
record Placement(
        int width, int height, int down, int right, boolean mirrored, double turn, double wider, double taller) {
    /** Alpha that colours have beside their own, so that those of transparent pixels count where there are no others. */
    private static final double UNSEEN = 1e-3;

    /** Changes an image of a set. */
    void apply(ImageSet images, int n) {
        byte[] before = images.image(n);
        int start = n * images.valuesPerImage();
        double cos = Math.cos(turn);
        double sin = Math.sin(turn);
        double middleX = (width - 1) / 2.0;
        double middleY = (height - 1) / 2.0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double fromX = x - right - middleX;
                double fromY = y - down - middleY;
                double sourceX = middleX + (cos * fromX + sin * fromY) / wider;
                double sourceY = middleY + (cos * fromY - sin * fromX) / taller;
                int target = start + (y * width + x) * images.channels();
                mix(before, images, target, mirrored ? width - 1 - sourceX : sourceX, sourceY);
            }
        }
    }

    private void mix(byte[] before, ImageSet images, int target, double x, double y) {
        int channels = images.channels();
        int alpha = channels == 4 ? 3 : -1;
        int left = (int) Math.floor(x);
        int top = (int) Math.floor(y);
        double[] sums = new double[channels];
        double weights = 0;
        for (int corner = 0; corner < 4; corner++) {
            int column = left + (corner & 1);
            int row = top + (corner >> 1);
            double share = (1 - Math.abs(x - column)) * (1 - Math.abs(y - row));
            int source = (clamp(row, height) * width + clamp(column, width)) * channels;
            double weight = alpha < 0 ? share : share * ((before[source + alpha] & 255) + UNSEEN);
            weights += weight;
            for (int channel = 0; channel < channels; channel++) {
                sums[channel] += (channel == alpha ? share : weight) * (before[source + channel] & 255);
            }
        }
        for (int channel = 0; channel < channels; channel++) {
            images.values()[target + channel] = (byte) Math.round(channel == alpha ? sums[channel] : sums[channel] / weights);
        }
    }

    private static int clamp(int index, int size) {
        return Math.max(0, Math.min(size - 1, index));
    }
}
