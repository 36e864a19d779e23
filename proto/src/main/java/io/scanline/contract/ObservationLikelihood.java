package io.scanline.contract;

import io.scanline.bundle.v1.ImageGeometry;

/**
 * Log-probability of an image given what a decoder says of every value: the Observation kinds of bundle.proto. Tensors
 * are float[channels,height,width], images byte[height,width,channels]. Results are in nats, summed in raster order with
 * {@link StrictMath}; NaN when a number of the decoder is not finite.
 */
public final class ObservationLikelihood {
    /** Factors of 1 to 2 whose product is a finite double. */
    private static final int FACTORS = 512;

    private final ImagePlanes planes;

    /** For images of this shape. */
    public ObservationLikelihood(ImageGeometry geometry) {
        this.planes = new ImagePlanes(geometry);
    }

    /**
     * OBSERVATION_BERNOULLI: the sum of x * l - log(1 + exp(l)) over the values, x = 1 for the highest level.
     *
     * @param image levels 0 and the highest only
     * @param logits log-odds l of the highest level, from {@code at}
     * @throws IllegalArgumentException when a value is another level
     */
    public double bernoulli(byte[] image, float[] logits, int at) {
        double sum = 0;
        double product = 1; // one logarithm for many factors 1 + exp(-|l|)
        int factors = 0;
        for (int i = 0; i < image.length; i++) {
            int level = image[i] & 0xFF;
            if (level != 0 && level != planes.highest()) {
                throw new IllegalArgumentException("value " + i + " is neither 0 nor " + planes.highest());
            }
            double logit = logits[at + planes.planeIndex(i)];
            double wrong = level == 0 ? logit : -logit; // log-odds of the other level
            sum -= StrictMath.max(0, wrong);
            product *= 1 + StrictMath.exp(-StrictMath.abs(logit));
            if (++factors == FACTORS) {
                sum -= StrictMath.log(product);
                product = 1;
                factors = 0;
            }
            if (Double.isInfinite(logit)) {
                return Double.NaN;
            }
        }
        return sum - StrictMath.log(product);
    }

    /**
     * OBSERVATION_GAUSSIAN: every level l has the mass that the normal distribution of mean and deviation has on
     * [l - 1/2, l + 1/2] / (levels - 1), the first and the last interval open to infinity.
     *
     * @param mean mean intensities, from {@code at}
     * @param logDeviation logarithms of the standard deviations of the intensities, from {@code at}
     */
    public double gaussian(byte[] image, float[] mean, float[] logDeviation, int at) {
        double sum = 0;
        for (int i = 0; i < image.length; i++) {
            int plane = at + planes.planeIndex(i);
            sum += gaussian(image[i] & 0xFF, mean[plane], logDeviation[plane]);
        }
        return sum;
    }

    private double gaussian(int level, double mean, double logDeviation) {
        if (!Double.isFinite(mean) || !Double.isFinite(logDeviation)) {
            return Double.NaN;
        }
        int highest = planes.highest();
        double scale = StrictMath.exp(-logDeviation);
        double lower = level == 0 ? Double.NEGATIVE_INFINITY : ((level - 0.5) / highest - mean) * scale;
        double upper = level == highest ? Double.POSITIVE_INFINITY : ((level + 0.5) / highest - mean) * scale;
        return NormalMass.log(lower, upper);
    }
}
