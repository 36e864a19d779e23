package io.scanline.contract;

/**
 * Levels spread evenly over 8-bit intensities: level = floor(intensity * levels / 256).
 *
 * @param levels number of levels, 2 to 256
 */
public record EvenLevels(int levels) {
    /** Checks the number of levels. */
    public EvenLevels {
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
     * stay so. Its level is that one again.
     */
    public int intensity(int level) {
        int even = (int) Math.round(level * 255.0 / (levels - 1));
        int lowestOfLevel = (level * 256 + levels - 1) / levels;
        // With 28 levels and more, rounding down can end just below the level's own intensities.
        return Math.max(even, lowestOfLevel);
    }

    /** The intensity of every level, one byte each: {@code level_values} of a bundle. */
    public byte[] values() {
        byte[] intensities = new byte[levels];
        for (int level = 0; level < levels; level++) {
            intensities[level] = (byte) intensity(level);
        }
        return intensities;
    }
}
