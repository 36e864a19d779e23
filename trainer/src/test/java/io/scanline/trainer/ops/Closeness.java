package io.scanline.trainer.ops;

import static org.assertj.core.api.Assertions.assertThat;

/** Compares numbers of two computations of the same thing. */
public final class Closeness {
    private static final double TOLERANCE = 1e-4;

    private Closeness() {}

    /** Fails unless every |actual - expected| is at most 1e-4 + 1e-4 |expected|. */
    public static void assertClose(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected).isNotEmpty();
        for (int i = 0; i < expected.length; i++) {
            double allowed = TOLERANCE + TOLERANCE * Math.abs(expected[i]);
            assertThat((double) actual[i]).as("number %d", i).isBetween(expected[i] - allowed, expected[i] + allowed);
        }
    }
}
