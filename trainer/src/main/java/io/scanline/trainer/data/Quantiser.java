package io.scanline.trainer.data;

import io.scanline.contract.EvenLevels;

/**
 * Uniform quantisation of 8-bit intensities: level = floor(value * levels / 256), see {@link EvenLevels}.
 *
 * @param levels number of levels, 2 to 256
 */
public record Quantiser(int levels) implements Discretiser {
    /** Checks the number of levels. */
    public Quantiser {
        new EvenLevels(levels);
    }

    /** Level of an 8-bit intensity, 0 to levels - 1. */
    public int level(int intensity) {
        return new EvenLevels(levels).level(intensity);
    }

    /**
     * Intensity that shows a level: levels spread evenly over 0 to 255, both ends included, so that black and white
     * stay so. Quantising it gives the level again.
     */
    public int intensity(int level) {
        return new EvenLevels(levels).intensity(level);
    }

    /** The intensity of every level, one byte each: {@code level_values} of a bundle. */
    public byte[] levelValues() {
        return new EvenLevels(levels).values();
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
