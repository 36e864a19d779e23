package io.scanline.contract;

import io.scanline.bundle.v1.ImageGeometry;

/**
 * Images as encoders and decoders see them: intensities in [0, 1], float[channels,height,width], against level indices
 * in raster order, byte[height,width,channels].
 */
public final class ImagePlanes {
    private final int pixels;
    private final int channels;
    private final int highest;

    /** For images of this shape. */
    public ImagePlanes(ImageGeometry geometry) {
        this.pixels = geometry.getWidth() * geometry.getHeight();
        this.channels = geometry.getChannels();
        this.highest = geometry.getLevels() - 1;
    }

    /** Values of one image. */
    public int values() {
        return pixels * channels;
    }

    /** The highest level. */
    public int highest() {
        return highest;
    }

    /** Where a value lies in the planes, given where it lies in raster order. */
    public int planeIndex(int rasterIndex) {
        return rasterIndex % channels * pixels + rasterIndex / channels;
    }

    /** Writes the intensities of an image, level / (levels - 1), one division in float. */
    public void fromLevels(byte[] image, float[] planes, int at) {
        for (int i = 0; i < image.length; i++) {
            planes[at + planeIndex(i)] = (float) (image[i] & 0xFF) / highest;
        }
    }

    /**
     * The levels nearest to mean intensities: floor(intensity * (levels - 1) + 1/2), computed in double, and no further
     * than the lowest and the highest. Half-way between two it is the higher one.
     *
     * @throws ArithmeticException when an intensity is not finite
     */
    public byte[] toLevels(float[] planes, int at) {
        byte[] image = new byte[values()];
        for (int i = 0; i < image.length; i++) {
            double intensity = planes[at + planeIndex(i)];
            if (!Double.isFinite(intensity)) {
                throw new ArithmeticException("the intensity of value " + i + " is " + intensity);
            }
            double level = StrictMath.floor(intensity * highest + 0.5);
            image[i] = (byte) StrictMath.max(0, StrictMath.min(highest, level));
        }
        return image;
    }
}
