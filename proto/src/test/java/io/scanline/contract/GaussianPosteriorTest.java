package io.scanline.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scanline.bundle.v1.ImageGeometry;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Models with one latent component, small enough to integrate over it. */
class GaussianPosteriorTest {
    private static final float[] SLOPE = {1.5f, -2, 0.5f, 1};
    private static final float[] OFFSET = {0.2f, -0.3f, 0, 1};
    private static final byte[] IMAGE = {1, 0, 0, 1};

    private final ObservationLikelihood likelihood = new ObservationLikelihood(
            ImageGeometry.newBuilder().setWidth(2).setHeight(2).setChannels(1).setLevels(2).build());

    /** log p(x|z) of a linear decoder with Bernoulli observations. */
    private double bernoulli(double z) {
        float[] logits = new float[4];
        for (int i = 0; i < 4; i++) {
            logits[i] = (float) (SLOPE[i] * z + OFFSET[i]);
        }
        return likelihood.bernoulli(IMAGE, logits, 0);
    }

    /** log p(x|z) of a linear decoder with Gaussian densities of deviation 0.5, for x = (0.7, -0.4). */
    private static double linearGaussian(double z) {
        return logNormal(0.7, 1.2 * z + 0.1, 0.25) + logNormal(-0.4, -0.8 * z, 0.25);
    }

    private static double logNormal(double x, double mean, double variance) {
        return -(x - mean) * (x - mean) / (2 * variance) - Math.log(2 * Math.PI * variance) / 2;
    }

    /** log p(x) by the trapezoidal rule, exact to many digits for an integrand that vanishes at both ends. */
    private static double integrate(DoubleUnaryOperator logLikelihood) {
        double sum = 0;
        double width = 0.01;
        for (double z = -10; z <= 10; z += width) {
            sum += width * Math.exp(logLikelihood.applyAsDouble(z) + logNormal(z, 0, 1));
        }
        return Math.log(sum);
    }

    private static double bound(
            GaussianPosterior posterior, DoubleUnaryOperator logLikelihood, int imageIndex, int samples) {
        double[] weights = new double[samples];
        float[] latent = new float[1];
        for (int draw = 0; draw < samples; draw++) {
            double correction = posterior.draw(5, imageIndex, draw, latent, 0);
            weights[draw] = logLikelihood.applyAsDouble(latent[0]) + correction;
        }
        return GaussianPosterior.bound(weights);
    }

    private static double expected(GaussianPosterior posterior, DoubleUnaryOperator logLikelihood, int samples) {
        int repetitions = 4000;
        double sum = 0;
        for (int image = 0; image < repetitions; image++) {
            sum += bound(posterior, logLikelihood, image, samples);
        }
        return sum / repetitions;
    }

    @Test
    void theBoundLiesBelowTheExactValueAndRisesTowardsIt() {
        double exact = integrate(this::bernoulli);
        GaussianPosterior posterior = new GaussianPosterior(new float[] {0.5f}, new float[] {-0.8f});
        double one = expected(posterior, this::bernoulli, 1);
        double four = expected(posterior, this::bernoulli, 4);
        double many = expected(posterior, this::bernoulli, 32);
        assertThat(one).isLessThan(four);
        assertThat(four).isLessThan(many);
        assertThat(many).isLessThan(exact + 0.005).isCloseTo(exact, within(0.02));
    }

    @Test
    void oneSampleIsTheEvidenceLowerBound() {
        double mean = 0.5;
        double variance = Math.exp(-0.8);
        double divergence = (variance + mean * mean - 1 - Math.log(variance)) / 2; // closed form, Kingma and Welling B
        double reconstruction = 0;
        double width = 0.01;
        for (double z = -10; z <= 10; z += width) {
            reconstruction += width * Math.exp(logNormal(z, mean, variance)) * bernoulli(z);
        }
        GaussianPosterior posterior = new GaussianPosterior(new float[] {0.5f}, new float[] {-0.8f});
        assertThat(expected(posterior, this::bernoulli, 1))
                .isCloseTo(reconstruction - divergence, within(0.02));
    }

    @Test
    void theBoundIsExactWhenTheEncoderKnowsThePosterior() {
        double precision = 1 + (1.2 * 1.2 + 0.8 * 0.8) / 0.25;
        double mean = (1.2 * (0.7 - 0.1) + 0.8 * 0.4) / 0.25 / precision;
        GaussianPosterior posterior =
                new GaussianPosterior(new float[] {(float) mean}, new float[] {(float) -Math.log(precision)});
        double exact = integrate(GaussianPosteriorTest::linearGaussian);
        for (int image = 0; image < 50; image++) {
            assertThat(bound(posterior, GaussianPosteriorTest::linearGaussian, image, 1 + image % 5))
                    .isCloseTo(exact, within(1e-5));
        }
    }

    @Test
    void latentsHaveTheMeanAndTheVarianceOfTheEncoder() {
        GaussianPosterior posterior = new GaussianPosterior(new float[] {3, -1}, new float[] {2, -2});
        int draws = 40_000;
        float[] latent = new float[3];
        double[] sum = new double[2];
        double[] squares = new double[2];
        for (int draw = 0; draw < draws; draw++) {
            posterior.draw(9, 0, draw, latent, 1);
            for (int d = 0; d < 2; d++) {
                sum[d] += latent[1 + d];
                squares[d] += Math.pow(latent[1 + d] - posterior.mean()[d], 2);
            }
        }
        assertThat(sum[0] / draws).isCloseTo(3, within(4 * Math.exp(1) / Math.sqrt(draws)));
        assertThat(sum[1] / draws).isCloseTo(-1, within(4 * Math.exp(-1) / Math.sqrt(draws)));
        assertThat(squares[0] / draws / Math.exp(2)).isCloseTo(1, within(0.03));
        assertThat(squares[1] / draws / Math.exp(-2)).isCloseTo(1, within(0.03));
    }

    @Test
    void theMeanOfWeightsNeitherOverflowsNorUnderflows() {
        assertThat(GaussianPosterior.bound(new double[] {-5000, -5000}))
                .isCloseTo(-5000, within(1e-9));
        assertThat(GaussianPosterior.bound(new double[] {1000, -9000}))
                .isCloseTo(1000 - Math.log(2), within(1e-9));
        assertThat(GaussianPosterior.bound(new double[] {Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY}))
                .isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(GaussianPosterior.bound(new double[] {0, Double.NaN})).isNaN();
    }
}
