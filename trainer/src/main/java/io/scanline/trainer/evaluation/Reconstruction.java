package io.scanline.trainer.evaluation;

/**
 * How far reconstructions are from their images.
 *
 * @param squared sum of squared differences of intensities in [0, 1]
 * @param values number of them
 */
public record Reconstruction(double squared, long values) {
    /** Mean squared difference. */
    public double meanSquaredError() {
        return squared / values;
    }

    /** Peak signal-to-noise ratio of the mean squared difference, in dB: -10 log10(MSE), since the peak is 1. */
    public double signalToNoise() {
        return signalToNoise(meanSquaredError());
    }

    /** As {@link #signalToNoise()}. */
    public static double signalToNoise(double meanSquaredError) {
        return -10 * Math.log10(meanSquaredError);
    }
}
