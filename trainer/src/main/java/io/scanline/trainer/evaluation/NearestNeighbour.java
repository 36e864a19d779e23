package io.scanline.trainer.evaluation;

import io.scanline.trainer.data.ImageSet;

/**
 * Finds the training image most like a sample, to show that samples are not copies. Safe for use by several threads.
 */
public final class NearestNeighbour {
    private final ImageSet images;

    /**
     * The nearest image.
     *
     * @param index its index; of several equally near ones the first
     * @param distance Euclidean distance over all values, in levels
     */
    public record Match(int index, double distance) {}

    /** Searches these images. */
    public NearestNeighbour(ImageSet images) {
        if (images.size() == 0) {
            throw new IllegalArgumentException("no images to search");
        }
        this.images = images;
    }

    /** The nearest image to one of the same shape and levels, by comparing with every one. */
    public Match find(byte[] sample) {
        int length = images.valuesPerImage();
        if (sample.length != length) {
            throw new IllegalArgumentException("the images have " + length + " values, the sample " + sample.length);
        }
        long nearest = Long.MAX_VALUE;
        int index = -1;
        for (int image = 0; image < images.size(); image++) {
            long squared = squaredDistance(sample, image * length, nearest);
            if (squared < nearest) {
                nearest = squared;
                index = image;
            }
        }
        return new Match(index, Math.sqrt(nearest));
    }

    /** Stops after the row in which it reaches the limit. */
    private long squaredDistance(byte[] sample, int start, long limit) {
        byte[] values = images.values();
        int rowLength = images.width() * images.channels();
        long squared = 0;
        for (int row = 0; row < sample.length && squared < limit; row += rowLength) {
            for (int i = row; i < row + rowLength; i++) {
                int difference = (sample[i] & 0xFF) - (values[start + i] & 0xFF);
                squared += difference * difference;
            }
        }
        return squared;
    }
}
