package io.scanline.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.contract.GaussianPosterior;
import io.scanline.contract.ObservationLikelihood;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.models.VariationalAutoencoder;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.ParameterSpec;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchNumbers;
import io.scanline.trainer.ops.TorchOps;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvidenceBoundTest {
    private static final int DRAWS = 20_000;

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    @Test
    void divergenceEqualsItsMonteCarloEstimate() {
        float[] mean = {0.7f, -1.2f, 0};
        float[] logVariance = {-1, 0.5f, -3};
        double closed = EvidenceBound.divergence(torch.tensor(mean), torch.tensor(logVariance)).item_double();
        GaussianPosterior posterior = new GaussianPosterior(mean, logVariance);
        double sum = 0;
        double squares = 0;
        for (int draw = 0; draw < DRAWS; draw++) {
            double term = -posterior.draw(1, 0, draw, new float[3], 0); // log q(z) - log p(z)
            sum += term;
            squares += term * term;
        }
        double estimate = sum / DRAWS;
        double error = Math.sqrt((squares / DRAWS - estimate * estimate) / DRAWS);
        assertThat(closed).isCloseTo(estimate, within(4 * error));
        assertThat(error).isLessThan(0.03);
    }

    @Test
    void divergenceFromThePriorIsZeroForThePriorOnly() {
        assertThat(EvidenceBound.divergence(torch.zeros(1, 4), torch.zeros(1, 4)).item_double()).isZero();
        assertThat(EvidenceBound.divergence(torch.full(new long[] {1, 4}, scalar(0.1)), torch.zeros(1, 4)).item_double())
                .isCloseTo(0.02, within(1e-6));
    }

    /** log p(x) of a latent of one component by the trapezoidal rule, against the mean of many bounds. */
    @ParameterizedTest
    @ValueSource(strings = {"bernoulli", "gaussian"})
    void boundLiesBelowTheExactLikelihood(String observation) {
        int levels = observation.equals("bernoulli") ? 2 : 5;
        VariationalAutoencoder network = tiny(levels, observation);
        List<ParameterSpec> random = network.parameters().stream()
                .map(spec -> ParameterSpec.normal(spec.name(), 0.7, true, spec.shape()))
                .toList();
        Parameters parameters = Parameters.initial(random, 3);
        ImageSet image = new ImageSet(new byte[] {0, 1, 1, 0}, new int[1], 2, 2, 1, levels, List.of("any"));
        Objective objective = Families.objective(network);
        TorchOps ops = new TorchOps(parameters.tensors());
        double bound = 0;
        double tightest = Double.NEGATIVE_INFINITY;
        int draws = 400;
        for (int noise = 0; noise < draws; noise++) {
            double nats = objective.loss(ops, image, Precision.FP32, noise).item_double() * 4;
            bound -= nats / draws;
            tightest = Math.max(tightest, -nats);
        }
        double exact = exact(network, ops, image);
        assertThat(bound).isLessThan(exact - 1e-3);
        assertThat(tightest).isGreaterThan(bound);
    }

    private static double exact(VariationalAutoencoder network, TorchOps ops, ImageSet image) {
        int points = 4001;
        double reach = 9;
        float[] latents = new float[points];
        for (int i = 0; i < points; i++) {
            latents[i] = (float) (-reach + 2 * reach * i / (points - 1));
        }
        var decoded = network.decode(ops, torch.tensor(latents).reshape(points, 1));
        ObservationLikelihood likelihood = new ObservationLikelihood(geometry(image.levels()));
        boolean bernoulli = decoded.containsKey("logits");
        float[] first = TorchNumbers.of(decoded.get(bernoulli ? "logits" : "image"));
        float[] deviation = bernoulli ? null : TorchNumbers.of(decoded.get("log_deviation"));
        double sum = 0;
        for (int i = 0; i < points; i++) {
            double given = bernoulli
                    ? likelihood.bernoulli(image.image(0), first, 4 * i)
                    : likelihood.gaussian(image.image(0), first, deviation, 4 * i);
            double z = latents[i];
            sum += Math.exp(given - z * z / 2) / Math.sqrt(2 * Math.PI) * 2 * reach / (points - 1);
        }
        return Math.log(sum);
    }

    /** x = w z + noise: with the exact posterior every latent has the same weight, and bound and likelihood are one. */
    @Test
    void boundIsTheLikelihoodWhenThePosteriorIsExact() {
        double w = 0.8;
        double variance = 0.3;
        double x = 1.1;
        double mean = w * x / (w * w + variance);
        double posteriorVariance = variance / (w * w + variance);
        double exact = logDensity(x, 0, w * w + variance);
        double expected = logDensity(x, w * mean, variance) - w * w * posteriorVariance / (2 * variance);
        double divergence = EvidenceBound.divergence(
                        torch.tensor((float) mean), torch.tensor((float) Math.log(posteriorVariance)))
                .item_double();
        assertThat(expected - divergence).isCloseTo(exact, within(1e-6));

        GaussianPosterior posterior =
                new GaussianPosterior(new float[] {(float) mean}, new float[] {(float) Math.log(posteriorVariance)});
        float[] latent = new float[1];
        for (int draw = 0; draw < 5; draw++) {
            double weight = posterior.draw(2, 0, draw, latent, 0) + logDensity(x, w * latent[0], variance);
            assertThat(weight).isCloseTo(exact, within(1e-5));
        }
    }

    @Test
    void trainingAndEvaluationComputeTheSameLikelihoods() {
        Random random = new Random(4);
        byte[] levels = new byte[64];
        float[] numbers = new float[levels.length];
        float[] deviations = new float[levels.length];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = (byte) random.nextInt(16);
            numbers[i] = random.nextFloat();
            deviations[i] = (float) (-6 * random.nextDouble());
        }
        ImageSet images = new ImageSet(levels, new int[16], 2, 2, 1, 16, List.of("any"));
        Tensor intensities = Intensities.of(images);
        double loss = ObservationLoss.gaussian(
                        torch.tensor(numbers).reshape(16, 1, 2, 2),
                        torch.tensor(deviations).reshape(16, 1, 2, 2),
                        intensities,
                        16)
                .item_double();
        double exact = 0;
        for (int n = 0; n < 16; n++) {
            exact -= new ObservationLikelihood(geometry(16)).gaussian(images.image(n), numbers, deviations, 4 * n);
        }
        assertThat(loss).isCloseTo(exact, within(1e-4 * exact));
    }

    @Test
    void massesOfAllLevelsSumToOne() {
        Tensor mean = torch.full(new long[] {1, 1, 1, 1}, scalar(0.97));
        Tensor deviation = torch.full(new long[] {1, 1, 1, 1}, scalar(-2));
        double sum = 0;
        for (int level = 0; level < 10; level++) {
            ImageSet image = new ImageSet(new byte[] {(byte) level}, new int[1], 1, 1, 1, 10, List.of("any"));
            sum += Math.exp(-ObservationLoss.gaussian(mean, deviation, Intensities.of(image), 10).item_double());
        }
        assertThat(sum).isCloseTo(1, within(1e-5));
    }

    @Test
    void gradientsStayFiniteFarFromTheMean() {
        Tensor mean = torch.zeros(1, 1, 1, 3).set_requires_grad(true);
        Tensor deviation = torch.full(new long[] {1, 1, 1, 3}, scalar(-6.2)).set_requires_grad(true);
        ImageSet image = new ImageSet(new byte[] {0, (byte) 128, (byte) 255}, new int[1], 3, 1, 1, 256, List.of("any"));
        Tensor loss = ObservationLoss.gaussian(mean, deviation, Intensities.of(image), 256);
        loss.backward();
        assertThat(loss.item_double()).isFinite().isGreaterThan(1000);
        for (float number : TorchNumbers.of(deviation.grad())) {
            assertThat(number).isFinite();
        }
        assertThat(TorchNumbers.of(mean.grad())[2]).isFinite().isNegative(); // a brighter mean lowers the loss
    }

    @Test
    void noiseDecidesTheLoss() {
        VariationalAutoencoder network = tiny(2, "bernoulli");
        TorchOps ops = new TorchOps(Parameters.initial(network.parameters(), 1).tensors());
        ImageSet image = new ImageSet(new byte[] {0, 1, 1, 0}, new int[1], 2, 2, 1, 2, List.of("any"));
        Objective objective = Families.objective(network);
        double first = objective.loss(ops, image, Precision.FP32, 5).item_double();
        assertThat(objective.loss(ops, image, Precision.FP32, 5).item_double()).isEqualTo(first);
        assertThat(objective.loss(ops, image, Precision.FP32, 6).item_double()).isNotEqualTo(first);
    }

    private static VariationalAutoencoder tiny(int levels, String observation) {
        return new VariationalAutoencoder(
                new ImageShape(2, 2, levels, 1),
                new VariationalAutoencoder.Config(1, List.of(), List.of(4), observation, null));
    }

    private static ImageGeometry geometry(int levels) {
        return ImageGeometry.newBuilder().setWidth(2).setHeight(2).setChannels(1).setLevels(levels).build();
    }

    private static double logDensity(double x, double mean, double variance) {
        return -0.5 * (Math.log(2 * Math.PI * variance) + (x - mean) * (x - mean) / variance);
    }

    private static org.bytedeco.pytorch.Scalar scalar(double value) {
        return new org.bytedeco.pytorch.Scalar((float) value);
    }
}
