package io.scanline.trainer.export;

/**
 * How far numbers are from others.
 *
 * @param absolute allowed difference
 * @param relative allowed difference for every unit of the reference
 */
record Difference(double absolute, double relative) {
    /** The largest difference as a share of the allowed one; not a number when one of them is not. */
    double largest(float[] reference, float[] other) {
        if (reference.length != other.length) {
            throw new IllegalStateException(other.length + " numbers in place of " + reference.length);
        }
        double largest = 0;
        for (int i = 0; i < reference.length; i++) {
            double scaled =
                    Math.abs((double) reference[i] - other[i]) / (absolute + relative * Math.abs(reference[i]));
            largest = scaled <= largest ? largest : scaled; // lets NaN through
        }
        return largest;
    }
}
