package io.scanline.server.engine;

/**
 * How often guesses were right, by how far the draft was from guessing otherwise: the only thing known of a guess before
 * it is checked. Old guesses fade. Of one thread.
 */
final class GuessRecord {
    /** Margins from 1/2, 1/4, and so on. */
    private static final int BINS = 12;
    /** What a bin starts with: as if so many guesses had been right as are, about, where a draft is any good. */
    private static final double PRIOR = 8;
    private static final double PRIOR_RIGHT = 0.8;
    /** Guesses after which the older ones count half. */
    private static final double MEMORY = 2048;

    private final double[] right = new double[BINS];
    private final double[] told = new double[BINS];

    GuessRecord() {
        for (int bin = 0; bin < BINS; bin++) {
            told[bin] = PRIOR;
            right[bin] = PRIOR * PRIOR_RIGHT;
        }
    }

    /** Probability that a guess of this margin, 0 to 1, is right. */
    double likelihood(double margin) {
        int bin = bin(margin);
        return right[bin] / told[bin];
    }

    void tell(double margin, boolean wasRight) {
        int bin = bin(margin);
        if (told[bin] >= MEMORY) {
            told[bin] /= 2;
            right[bin] /= 2;
        }
        told[bin]++;
        right[bin] += wasRight ? 1 : 0;
    }

    private static int bin(double margin) {
        if (!(margin > 0)) {
            return BINS - 1;
        }
        return Math.min(BINS - 1, Math.max(0, -Math.getExponent(margin) - 1));
    }
}
