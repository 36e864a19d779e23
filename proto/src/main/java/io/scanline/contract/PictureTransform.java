package io.scanline.contract;

import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.PictureInput;
import java.util.Arrays;

/** Makes an image of a model's geometry of a picture of any size, as its {@link PictureInput} says. */
public final class PictureTransform {
    private final ImageGeometry geometry;
    private final PictureInput input;
    private final byte[] levels = new byte[256]; // by intensity

    /**
     * For images of this shape.
     *
     * @throws IllegalArgumentException when there are no level values, or not as many as levels
     */
    public PictureTransform(ImageGeometry geometry, PictureInput input) {
        this.geometry = geometry;
        this.input = input;
        byte[] values = geometry.getLevelValues().toByteArray();
        if (values.length != geometry.getLevels() || values.length == 0) {
            throw new IllegalArgumentException(values.length + " level values for " + geometry.getLevels() + " levels");
        }
        // Training data with evenly spread levels are cut and not rounded, and what is served must be the same.
        boolean even = values.length > 1 && Arrays.equals(values, new EvenLevels(values.length).values());
        for (int intensity = 0; intensity < levels.length; intensity++) {
            levels[intensity] = (byte) (even
                    ? new EvenLevels(values.length).level(intensity) : nearest(values, intensity));
        }
    }

    private static int nearest(byte[] values, int intensity) {
        int best = 0;
        for (int level = 1; level < values.length; level++) {
            if (Math.abs((values[level] & 0xFF) - intensity) < Math.abs((values[best] & 0xFF) - intensity)) {
                best = level;
            }
        }
        return best;
    }

    /** The level that stands for an 8-bit intensity, 0 to 255. */
    public int level(int intensity) {
        return levels[intensity] & 0xFF;
    }

    /** The image: level indices in raster order, (height, width, channels). */
    public byte[] image(PixelRows picture) {
        FittedPicture fitted =
                FittedPicture.of(picture, geometry.getWidth(), geometry.getHeight(), input.getFit());
        byte[] image = fitted.intensities(geometry.getChannels(), input.getBackground());
        for (int i = 0; i < image.length; i++) {
            image[i] = levels[image[i] & 0xFF];
        }
        return image;
    }
}
