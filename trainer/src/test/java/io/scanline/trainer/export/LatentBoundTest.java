package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.contract.ObservationLikelihood;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.models.VariationalAutoencoder;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.ParameterSpec;
import io.scanline.trainer.training.Parameters;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bounds of a bundle against the exact likelihood, on a model of one latent component that can be integrated. */
class LatentBoundTest {
    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    @ParameterizedTest
    @CsvSource({"bernoulli, 2, 1", "gaussian, 5, 0.5"})
    void boundsLieAboveTheExactValueAndReachItWithManyLatents(String observation, int levels, double deviation)
            throws OrtException, InterruptedException {
        VariationalAutoencoder network = new VariationalAutoencoder(
                new ImageShape(2, 2, levels, 1),
                new VariationalAutoencoder.Config(1, List.of(), List.of(4), observation, null));
        List<ParameterSpec> random = network.parameters().stream()
                .map(spec -> ParameterSpec.normal(spec.name(), deviation, true, spec.shape()))
                .toList();
        Parameters parameters = Parameters.initial(random, 3).rounded();
        Bundle.Builder description = Bundle.newBuilder()
                .setGeometry(ImageGeometry.newBuilder().setWidth(2).setHeight(2).setChannels(1).setLevels(levels));
        StoredBundle stored = LatentGraph.bundle(description, network, parameters.values());
        int count = 4000; // the same image: only the draws differ
        byte[] values = new byte[4 * count];
        for (int n = 0; n < count; n++) {
            values[4 * n + 1] = 1;
            values[4 * n + 2] = 1;
        }
        ImageSet images = new ImageSet(values, new int[count], 2, 2, 1, levels, List.of("any"));
        ImageSums sums = new ImageSums(stored, 2);
        double exact = exact(stored, images.image(0));
        double one = sums.of(images, 1, new LatentBound(1), done -> {})[0] / count;
        double many = sums.of(images.first(50), 1, new LatentBound(2000), done -> {})[0] / 50;
        assertThat(one).isGreaterThan(exact + 0.01);
        assertThat(many).isCloseTo(exact, within(0.05)).isLessThan(one);
    }

    @ParameterizedTest
    @CsvSource({"1, 7", "3, 120"})
    void sumsDoNotDependOnTheThreads(int threads, int count) throws OrtException, InterruptedException {
        VariationalAutoencoder network = new VariationalAutoencoder(
                new ImageShape(2, 2, 2, 1), new VariationalAutoencoder.Config(2, List.of(), List.of(), "bernoulli", null));
        Bundle.Builder description = Bundle.newBuilder()
                .setGeometry(ImageGeometry.newBuilder().setWidth(2).setHeight(2).setChannels(1).setLevels(2));
        StoredBundle stored = LatentGraph.bundle(
                description, network, Parameters.initial(network.parameters(), 1).rounded().values());
        byte[] values = new byte[4 * count];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (i * i / 3 % 2);
        }
        ImageSet images = new ImageSet(values, new int[count], 2, 2, 1, 2, List.of("any"));
        int[] done = new int[1];
        double[] shared = new ImageSums(stored, threads).of(images, 1, new LatentBound(3), n -> done[0] = n);
        double[] alone = new ImageSums(stored, 1).of(images, 1, new LatentBound(3), n -> {});
        assertThat(shared[0]).isCloseTo(alone[0], within(1e-9 * Math.abs(alone[0])));
        assertThat(done[0]).isEqualTo(count);
    }

    /** -log p(x) by the trapezoidal rule. */
    private static double exact(StoredBundle stored, byte[] image) throws OrtException {
        int points = 4001;
        double reach = 9;
        float[] latents = new float[points];
        for (int i = 0; i < points; i++) {
            latents[i] = (float) (-reach + 2 * reach * i / (points - 1));
        }
        ObservationLikelihood likelihood = new ObservationLikelihood(stored.bundle().getGeometry());
        try (LatentSession session = new LatentSession(stored)) {
            Map<String, float[]> decoded = session.decode(latents);
            double sum = 0;
            for (int i = 0; i < points; i++) {
                double given = decoded.containsKey("logits")
                        ? likelihood.bernoulli(image, decoded.get("logits"), 4 * i)
                        : likelihood.gaussian(image, decoded.get("image"), decoded.get("log_deviation"), 4 * i);
                double z = latents[i];
                sum += Math.exp(given - z * z / 2) / Math.sqrt(2 * Math.PI) * 2 * reach / (points - 1);
            }
            return -Math.log(sum);
        }
    }
}
