package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.Autoencoder;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.models.LatentNetwork;
import io.scanline.trainer.models.ModelConfig;
import io.scanline.trainer.models.VariationalAutoencoder;
import io.scanline.trainer.models.VectorQuantisedAutoencoder;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.ParameterSpec;
import io.scanline.trainer.training.Parameters;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The graphs of all latent families, with random numbers in every parameter and several channels. */
class LatentParityTest {
    private static final VectorQuantisedAutoencoder.Codebook CODEBOOK =
            new VectorQuantisedAutoencoder.Codebook(16, 3, 0.25, false, 0.99, 0);

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    static Stream<LatentNetwork> networks() {
        return Stream.of(
                network(2, new Autoencoder.Config(5, List.of(), List.of(), true), 3),
                network(2, new Autoencoder.Config(5, List.of(6, 8), List.of(7), false), 3),
                network(2, new VariationalAutoencoder.Config(4, List.of(), List.of(9, 7), "bernoulli", null), 1),
                network(16, new VariationalAutoencoder.Config(4, List.of(6), List.of(9), "gaussian", null), 4),
                network(16, sharedNoise(), 4),
                network(256, new VectorQuantisedAutoencoder.Config(List.of(6, 8), 1, 4, 0.1, CODEBOOK, null), 4),
                network(256, new VectorQuantisedAutoencoder.Config(List.of(6), 1, 4, 0.1, null, List.of(4, 3)), 3));
    }

    private static VariationalAutoencoder.Config sharedNoise() {
        return new VariationalAutoencoder.Config(4, List.of(6), List.of(9), "gaussian", "shared");
    }

    @Test
    void sharedNoiseIsOneNumberForEachChannel() throws OrtException {
        LatentNetwork network = network(16, sharedNoise(), 4);
        StoredBundle stored =
                LatentGraph.bundle(description(network.shape()), network, random(network, 1).values());
        try (LatentSession session = new LatentSession(stored)) {
            float[] deviations = session.decode(session.draw(7, 2, 1)).get("log_deviation");
            int plane = deviations.length / 4;
            for (int i = 0; i < deviations.length; i++) {
                assertThat(deviations[i]).isEqualTo(deviations[i / plane * plane]);
            }
            assertThat(deviations[0]).isNotEqualTo(deviations[plane]).isBetween(-6.24f, 0f);
        }
    }

    private static LatentNetwork network(int levels, ModelConfig config, int channels) {
        config.check();
        return (LatentNetwork) config.network(new ImageShape(12, 8, channels, levels, 1));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void graphsComputeWhatLibtorchComputes(LatentNetwork network) throws OrtException {
        Parameters parameters = random(network, 1);
        StoredBundle stored = LatentGraph.bundle(description(network.shape()), network, parameters.values());
        try (LatentSession session = new LatentSession(stored)) {
            assertThat(LatentParity.DEFAULT.check(network, parameters, session, images(network.shape())))
                    .contains("encoder", "decoder");
            float[] latent = session.draw(7, 2, 1);
            assertThat(session.draw(7, 2, 1)).isEqualTo(latent).hasSize(session.size());
            Map<String, float[]> decoded = session.decode(latent);
            assertThat(decoded.keySet())
                    .isEqualTo(switch (network.latent().getObservation()) {
                        case OBSERVATION_BERNOULLI -> Set.of("image", "logits");
                        case OBSERVATION_GAUSSIAN -> Set.of("image", "log_deviation");
                        default -> Set.of("image");
                    });
            assertThat(decoded.values()).allSatisfy(output -> assertThat(output).hasSize(network.shape().values()));
            if (network.latent().getKind() == LatentKind.LATENT_KIND_TOKENS) {
                for (float token : latent) {
                    assertThat(token).isBetween(0f, network.latent().getCodes() - 1f);
                }
            }
        }
    }

    @Test
    void graphOfOtherWeightsIsRefused() throws OrtException {
        LatentNetwork network = networks().skip(1).findFirst().orElseThrow();
        StoredBundle stored =
                LatentGraph.bundle(description(network.shape()), network, random(network, 2).values());
        try (LatentSession session = new LatentSession(stored)) {
            assertThatThrownBy(() -> LatentParity.DEFAULT.check(
                            network, random(network, 1), session, images(network.shape())))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("what was trained");
        }
    }

    private static Parameters random(LatentNetwork network, long seed) {
        List<ParameterSpec> specs = network.parameters().stream()
                .map(spec -> ParameterSpec.normal(spec.name(), 0.3, true, spec.shape()))
                .toList();
        return Parameters.initial(specs, seed).rounded();
    }

    private static Bundle.Builder description(ImageShape shape) {
        return Bundle.newBuilder()
                .setGeometry(ImageGeometry.newBuilder()
                        .setWidth(shape.width())
                        .setHeight(shape.height())
                        .setChannels(shape.channels())
                        .setLevels(shape.levels()));
    }

    private static ImageSet images(ImageShape shape) {
        byte[] values = new byte[5 * shape.values()];
        Random random = new Random(3);
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) random.nextInt(shape.levels());
        }
        return new ImageSet(
                values, new int[5], shape.width(), shape.height(), shape.channels(), shape.levels(), List.of("any"));
    }
}
