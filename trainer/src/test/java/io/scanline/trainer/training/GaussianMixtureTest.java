package io.scanline.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.scanline.trainer.ops.Libtorch;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GaussianMixtureTest {
    private static final int POINTS = 3000;
    private static final float[] ROWS = new float[2 * POINTS];

    /** A third around (-3, 0) with correlated numbers, the rest around (3, 1). */
    @BeforeAll
    static void draw() {
        Libtorch.load();
        Random random = new Random(1);
        for (int n = 0; n < POINTS; n++) {
            double a = random.nextGaussian();
            double b = random.nextGaussian();
            boolean first = n % 3 == 0;
            ROWS[2 * n] = (float) (first ? -3 + a : 3 + 0.5 * a);
            ROWS[2 * n + 1] = (float) (first ? 0.8 * a + 0.6 * b : 1 + 0.5 * b);
        }
    }

    @Test
    void componentsThatMadeThePointsAreFound() {
        GaussianMixture mixture = GaussianMixture.fit(ROWS, 2, 2, 5);
        int left = mixture.means()[0][0] < 0 ? 0 : 1;
        assertThat(mixture.weights()[left]).isCloseTo(1 / 3.0, within(0.01));
        assertThat(mixture.means()[left]).containsExactly(new double[] {-3, 0}, within(0.1));
        assertThat(mixture.means()[1 - left]).containsExactly(new double[] {3, 1}, within(0.05));
        assertThat(mixture.factors()[left][0]).containsExactly(new double[] {1, 0}, within(0.06));
        assertThat(mixture.factors()[left][1]).containsExactly(new double[] {0.8, 0.6}, within(0.06));
        assertThat(mixture.factors()[1 - left][0]).containsExactly(new double[] {0.5, 0}, within(0.03));
        double entropy = 2 / 3.0 * Math.log(1.5) + 1 / 3.0 * Math.log(3)
                + 1 + Math.log(2 * Math.PI) + (Math.log(0.6) + 2 * Math.log(0.25)) / 3;
        assertThat(mixture.logLikelihood()).isCloseTo(-entropy, within(0.04));
    }

    @Test
    void oneComponentHasTheMeanAndTheCovarianceOfThePoints() {
        GaussianMixture one = GaussianMixture.fit(ROWS, 2, 1, 1);
        double mean = IntStream.range(0, POINTS).mapToDouble(n -> ROWS[2 * n]).average().orElseThrow();
        double variance = IntStream.range(0, POINTS)
                .mapToDouble(n -> (ROWS[2 * n] - mean) * (ROWS[2 * n] - mean))
                .average()
                .orElseThrow();
        assertThat(one.weights()).containsExactly(1.0);
        assertThat(one.means()[0][0]).isCloseTo(mean, within(1e-9));
        double deviation = Math.sqrt(variance);
        assertThat(one.factors()[0][0][0]).isCloseTo(deviation, within(2e-3 * deviation)); // the ridge
        assertThat(one.factors()[0][0][1]).isZero();
        assertThat(GaussianMixture.fit(ROWS, 2, 2, 1).logLikelihood()).isGreaterThan(one.logLikelihood() + 0.5);
    }

    @Test
    void drawsHaveTheMomentsOfTheMixture() {
        GaussianMixture mixture = GaussianMixture.fit(ROWS, 2, 3, 5);
        Random random = new Random(3);
        float[] drawn = new float[2 * POINTS];
        for (int n = 0; n < POINTS; n++) {
            double[] point =
                    mixture.draw(random.nextDouble(), new double[] {random.nextGaussian(), random.nextGaussian()});
            drawn[2 * n] = (float) point[0];
            drawn[2 * n + 1] = (float) point[1];
        }
        GaussianMixture whole = GaussianMixture.fit(ROWS, 2, 1, 1);
        GaussianMixture again = GaussianMixture.fit(drawn, 2, 1, 1);
        assertThat(again.means()[0]).containsExactly(whole.means()[0], within(0.15));
        assertThat(again.factors()[0][0]).containsExactly(whole.factors()[0][0], within(0.1));
        assertThat(again.factors()[0][1]).containsExactly(whole.factors()[0][1], within(0.1));
    }

    @Test
    void sameSeedGivesTheSameAndFewPointsAreEnough() {
        float[] few = {0, 0, 1, 1, 1, 1, 5, 5};
        GaussianMixture one = GaussianMixture.fit(few, 2, 3, 7);
        assertThat(GaussianMixture.fit(few, 2, 3, 7).means()).isDeepEqualTo(one.means());
        assertThat(one.logLikelihood()).isFinite();
        assertThat(Arrays.stream(one.weights()).boxed()).hasSize(3).allMatch(weight -> weight > 0);
        assertThat(GaussianMixture.fit(new float[] {2, 2, 2, 2}, 2, 1, 7).means()[0]).containsExactly(2, 2);
        assertThatThrownBy(() -> GaussianMixture.fit(few, 2, 5, 7))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5 components of 4 points");
    }
}
