package io.scanline.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.models.VectorQuantisedGan;
import io.scanline.trainer.models.VisionTransformer;
import io.scanline.trainer.nn.PatchEncoder;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchNumbers;
import io.scanline.trainer.ops.TorchOps;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The feature loss of a VQ-GAN by an untrained classifier, which is as good a function as any other. */
class FeatureDistanceTest {
    private static final int START = 6; // of the recipe

    private static ImageSet images;
    private static VectorQuantisedGan network;
    private static FeatureDistance distance;
    private static List<Player> players;
    private static Parameters initial;

    @BeforeAll
    static void networks() throws IOException {
        Libtorch.load();
        images = new SyntheticShapes(8, 8).draw(6, 1);
        Recipe recipe = Recipe.parse(Recipe.load("tiny-vqgan").text()
                        .replace("  adversary:", "  perception:\n    bundle: tiny-vit/1\n    weight: 2\n  adversary:"))
                .recipe();
        network = (VectorQuantisedGan) recipe.network(images);
        PatchEncoder encoder =
                ((VisionTransformer) Recipe.load("tiny-vit").recipe().network(images)).encoder();
        distance = new FeatureDistance(encoder, Parameters.initial(encoder.parameters(), 2));
        players = Objective.of(network, distance).players();
        initial = Parameters.initial(Player.weights(players), 1);
    }

    private static Tensor loss(Parameters parameters, int step) {
        return players.get(1).loss().of(new TorchOps(parameters.tensors()), images, Precision.FP32, 3, step);
    }

    private static QuantisedError.Reconstructed own(Parameters parameters) {
        return new QuantisedError(network.autoencoder())
                .reconstruct(new TorchOps(parameters.tensors()), images, Precision.FP32);
    }

    /** Of tokens by hand: 1 + 16 of them, of 16 numbers, that the only block reads. */
    @Test
    void distanceIsTheMeanOverTokensOfSquaredDifferencesOfDirections() {
        Tensor real = Intensities.of(images);
        Tensor made = own(initial).decoded();
        TorchOps ops = new TorchOps(distance.frozen().tensors());
        float[] one = TorchNumbers.of(distance.encoder().read(ops, real).get(0));
        float[] other = TorchNumbers.of(distance.encoder().read(ops, made).get(0));
        int tokens = images.size() * 17;
        assertThat(one).hasSize(tokens * 16);
        double sum = 0;
        for (int token = 0; token < tokens; token++) {
            double product = 0;
            double length = 0;
            double otherLength = 0;
            for (int i = token * 16; i < (token + 1) * 16; i++) {
                product += one[i] * other[i];
                length += one[i] * one[i];
                otherLength += other[i] * other[i];
            }
            sum += 2 - 2 * product / Math.sqrt(length * otherLength);
        }
        double between = distance.between(real, made, Precision.FP32).item_double();
        assertThat(between).isCloseTo(sum / tokens, within(1e-5)).isBetween(1e-3, 4.0);
        assertThat(distance.between(real, real, Precision.FP32).item_double()).isCloseTo(0, within(1e-10));
    }

    @Test
    void gradientReachesEncoderAndDecoderAndNotTheClassifier() {
        Parameters parameters = initial.copy().withGradients();
        Tensor decoded = own(parameters).decoded();
        distance.between(Intensities.of(images), decoded, Precision.FP32).backward();
        for (String part : List.of("encoder", "decoder")) {
            assertThat(parameters.tensors().entrySet())
                    .filteredOn(entry -> entry.getKey().startsWith(part))
                    .isNotEmpty()
                    .anySatisfy(entry -> assertThat(entry.getValue().grad().norm().item_double()).isPositive());
        }
        assertThat(distance.frozen().tensors()).isNotEmpty().allSatisfy((name, tensor) -> {
            assertThat(tensor.requires_grad()).isFalse();
            assertThat(tensor.grad().defined()).isFalse();
        });
    }

    @Test
    void weightedDistanceIsAddedToTheLossBeforeTheOpponentBegins() {
        QuantisedError.Reconstructed own = own(initial);
        double between =
                distance.between(Intensities.of(images), own.decoded(), Precision.FP32).item_double();
        double loss = loss(initial, START - 1).item_double();
        assertThat(loss).isCloseTo(own.loss().item_double() + 2 * between, within(1e-5 * loss));
        double validated = Objective.of(network, distance)
                .loss(new TorchOps(initial.tensors()), images, Precision.FP32, 3)
                .item_double();
        assertThat(validated).isCloseTo(own.loss().item_double(), within(1e-6 * loss));
    }

    /** The opponent moves the last layer half as much as error and features together do: the recipe's weight is 0.5. */
    @Test
    void opponentIsBalancedWithTheErrorAndTheFeatures() {
        Parameters parameters = initial.copy().withGradients();
        Tensor last = parameters.tensors().get(network.autoencoder().lastLayer());
        loss(parameters, START - 1).backward();
        Tensor alone = last.grad().clone();
        last.mutable_grad().zero_();
        loss(parameters, START).backward();
        double added = last.grad().sub(alone).norm().item_double();
        assertThat(added).isCloseTo(0.5 * alone.norm().item_double(), within(1e-3 * added));
    }

    @Test
    void featuresThatTheRecipeNamesAreDemanded() {
        assertThatThrownBy(() -> Families.objective(network))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("features");
    }

    @Test
    void missingNumbersAreNamed() {
        assertThatThrownBy(() -> FeatureDistance.of(distance.encoder(), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("encoder.stem0.halving.weight");
    }
}
