package io.scanline.trainer.training;

import static io.scanline.trainer.ops.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.models.VectorQuantisedAutoencoder;
import io.scanline.trainer.models.VectorQuantisedGan;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchNumbers;
import io.scanline.trainer.ops.TorchOps;
import java.io.IOException;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantisedGameTest {
    private static final int START = 6; // of the recipe

    private ImageSet images;
    private VectorQuantisedGan network;
    private List<Player> players;
    private Parameters parameters;

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    @BeforeEach
    void network() throws IOException {
        Recipe recipe = Recipe.load("tiny-vqgan").recipe();
        images = recipe.discretiser().fixed(new SyntheticShapes(8, 8).draw(16, 1));
        network = (VectorQuantisedGan) recipe.network(images);
        players = Families.objective(network).players();
        parameters = Parameters.initial(Player.weights(players), 1).withGradients();
    }

    private Tensor loss(int player, int step) {
        return players.get(player)
                .loss()
                .of(new TorchOps(parameters.tensors()), images, Precision.FP32, 3, step);
    }

    /** Of a L = 3 |w|^2 and b sum(w): the ratio of the lengths of their gradients, 6 |w| and b root(n). */
    @Test
    void balanceIsTheRatioOfGradientsAtTheLastLayer() {
        Tensor weight = torch.tensor(new float[] {3, 4}).set_requires_grad(true);
        Tensor error = weight.square().sum().mul(new Scalar(3.0));
        Tensor game = weight.sum().mul(new Scalar(-0.5));
        Tensor balance = QuantisedGame.balance(error, game, weight);
        assertThat(balance.item_double()).isCloseTo(30 / (0.5 * Math.sqrt(2) + 1e-4), within(1e-3));
        assertThat(balance.requires_grad()).isFalse();
        error.add(game).backward(); // the graph is still there
        assertClose(TorchNumbers.of(weight.grad()), new float[] {17.5f, 23.5f});
    }

    @Test
    void balanceHasAnEnd() {
        Tensor weight = torch.tensor(new float[] {3, 4}).set_requires_grad(true);
        Tensor nothing = weight.sum().mul(new Scalar(0.0));
        assertThat(QuantisedGame.balance(weight.sum().mul(new Scalar(100.0)), nothing, weight).item_double())
                .isEqualTo(1e4);
    }

    @Test
    void opponentBeginsLate() {
        assertThat(players).extracting(Player::name).containsExactly("discriminator", "autoencoder");
        assertThat(players.get(0).plays(START - 1)).isFalse();
        assertThat(players.get(0).plays(START)).isTrue();
        assertThat(players.get(1).plays(0)).isTrue();
        double alone = new QuantisedError(network.autoencoder())
                .loss(new TorchOps(parameters.tensors()), images, Precision.FP32, 3)
                .item_double();
        assertThat(loss(1, START - 1).item_double()).isEqualTo(alone);
        assertThat(loss(1, START).item_double()).isNotEqualTo(alone);
    }

    /** What is added at the last layer is as long as what was there, times the recipe's weight. */
    @Test
    void gameMovesTheLastLayerAsMuchAsTheErrorDoes() {
        Tensor last = parameters.tensors().get(network.autoencoder().lastLayer());
        loss(1, START - 1).backward();
        Tensor alone = last.grad().clone();
        last.mutable_grad().zero_();
        loss(1, START).backward();
        double added = last.grad().sub(alone).norm().item_double();
        assertThat(added).isCloseTo(0.5 * alone.norm().item_double(), within(1e-3 * added));
    }

    @Test
    void opponentLearnsToTellReconstructions() throws IOException {
        Optimiser optimiser =
                Optimiser.of(players, parameters, Recipe.load("tiny-vqgan").recipe().training()).get(0);
        double before = loss(0, START).item_double();
        for (int step = 0; step < 20; step++) {
            for (Tensor tensor : parameters.tensors().values()) {
                if (tensor.grad().defined()) {
                    tensor.mutable_grad().zero_();
                }
            }
            loss(0, START).backward();
            optimiser.step(5e-3);
        }
        assertThat(loss(0, START).item_double()).isLessThan(0.8 * before);
    }

    /** Encoder, decoder and codes are those of a VQ-VAE, which starts from the same weights. */
    @Test
    void whatIsExportedIsAnAutoencoder() throws IOException {
        String text = Recipe.load("tiny-vqgan").text()
                .replace("family: vq-gan", "family: vq-vae")
                .replaceAll("(?s)  adversary:.*?training:", "training:");
        VectorQuantisedAutoencoder plain =
                (VectorQuantisedAutoencoder) Recipe.parse(text).recipe().network(images);
        assertThat(network.size()).isEqualTo(plain.size());
        assertThat(network.latent()).isEqualTo(plain.latent());
        Parameters alone = Parameters.initial(plain.parameters(), 1);
        alone.tensors().forEach((name, tensor) -> assertThat(TorchNumbers.of(parameters.tensors().get(name)))
                .isEqualTo(TorchNumbers.of(tensor)));
    }

    @ParameterizedTest
    @CsvSource({
        "'start: 6', 'start: -1', start",
        "'weight: 0.5', 'weight: 0', weight",
        "'    features: [8]', '    features: []', adversary.features",
        "'codes: 8', 'codes: 1', codes",
    })
    void mistakeInARecipeIsNamed(String right, String wrong, String named) throws IOException {
        String text = Recipe.load("tiny-vqgan").text();
        assertThat(text).contains(right);
        assertThatThrownBy(() -> Recipe.parse(text.replace(right, wrong)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(named);
    }
}
