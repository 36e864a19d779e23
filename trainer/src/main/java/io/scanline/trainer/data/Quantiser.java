package io.scanline.trainer.data;

/**
 * Uniform quantisation of 8-bit intensities: level = floor(value * levels / 256).
 *
 * @param levels number of levels, 2 to 256
 */
public record Quantiser(int levels) implements Discretiser {
    /** Checks the number of levels. */
    public Quantiser {
        if (levels < 2 || levels > 256) {
            throw new IllegalArgumentException("want 2 to 256 levels, not " + levels);
        }
    }

    /** Level of an 8-bit intensity, 0 to levels - 1. */
    public int level(int intensity) {
        return intensity * levels / 256;
    }

    /**
     * Intensity that shows a level: levels spread evenly over 0 to 255, both ends included, so that black and white
     * stay so. Quantising it gives the level again.
     */
    public int intensity(int level) {
        int even = (int) Math.round(level * 255.0 / (levels - 1));
        int lowestOfLevel = (level * 256 + levels - 1) / levels;
        // With 28 levels and more, rounding down can end just below the level's own intensities.
        return Math.max(even, lowestOfLevel);
    }

    /** The intensity of every level, one byte each: {@code level_values} of a bundle. */
    public byte[] levelValues() {
        byte[] intensities = new byte[levels];
        for (int level = 0; level < levels; level++) {
            intensities[level] = (byte) intensity(level);
        }
        return intensities;
    }

    /** Levels of 8-bit images. */
    public ImageSet quantise(ImageSet images) {
        byte[] values = images.values().clone();
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) level(values[i] & 0xFF);
        }
        return images.withLevels(values, levels);
    }

    /** The same levels at every step. */
    @Override
    public String protocol() {
        return "quantised to " + levels + " levels by floor(value * " + levels + " / 256)";
    }

    @Override
    public ImageSet at(int step, ImageSet intensities, int[] indices) {
        return quantise(intensities.select(indices));
    }

    @Override
    public ImageSet fixed(ImageSet intensities) {
        return quantise(intensities);
    }

    /** Intensities of levels, for showing an image. */
    public byte[] intensities(byte[] imageLevels) {
        byte[] shown = new byte[imageLevels.length];
        for (int i = 0; i < shown.length; i++) {
            shown[i] = (byte) intensity(imageLevels[i] & 0xFF);
        }
        return shown;
    }
}
