package io.scanline.trainer.evaluation;

import java.util.Arrays;

/**
 * Precision and recall of samples (Kynkaanniemi et al. 2019, "Improved precision and recall metric for assessing generative
 * models", arXiv 1904.06991, Eq. 1 to 3). The manifold of a set of points is the union of balls, around each as far as its
 * k-th nearest neighbour in the set.
 *
 * @param precision share of samples on the manifold of the real points
 * @param recall share of real points on the manifold of the samples
 */
public record SampleSupport(double precision, double recall) {
    /** Of k, which the paper sets so. */
    public static final int NEIGHBOURS = 3;

    /**
     * Compares samples with real points.
     *
     * @param real (n, width), more than k
     * @param samples (m, width), more than k
     */
    public static SampleSupport of(double[][] real, double[][] samples) {
        return new SampleSupport(covered(samples, real, radii(real)), covered(real, samples, radii(samples)));
    }

    /** Squared distances to the k-th nearest other point. */
    private static double[] radii(double[][] points) {
        if (points.length <= NEIGHBOURS) {
            throw new IllegalArgumentException(points.length + " points have no " + NEIGHBOURS + " neighbours each");
        }
        double[] radii = new double[points.length];
        for (int i = 0; i < points.length; i++) {
            double[] nearest = new double[NEIGHBOURS];
            Arrays.fill(nearest, Double.POSITIVE_INFINITY);
            for (int j = 0; j < points.length; j++) {
                double distance = i == j ? Double.POSITIVE_INFINITY : squared(points[i], points[j], nearest[0]);
                if (distance < nearest[0]) { // the farthest of the k
                    nearest[0] = distance;
                    for (int n = 1; n < NEIGHBOURS && nearest[n - 1] < nearest[n]; n++) {
                        double farther = nearest[n];
                        nearest[n] = nearest[n - 1];
                        nearest[n - 1] = farther;
                    }
                }
            }
            radii[i] = nearest[0];
        }
        return radii;
    }

    private static double covered(double[][] points, double[][] centres, double[] radii) {
        int inside = 0;
        for (double[] point : points) {
            boolean found = false;
            for (int i = 0; i < centres.length && !found; i++) {
                found = squared(point, centres[i], radii[i]) <= radii[i];
            }
            inside += found ? 1 : 0;
        }
        return (double) inside / points.length;
    }

    /** Stops once it is beyond a limit. */
    private static double squared(double[] a, double[] b, double limit) {
        double sum = 0;
        for (int i = 0; i < a.length && sum <= limit; i++) {
            double difference = a[i] - b[i];
            sum += difference * difference;
        }
        return sum;
    }
}
