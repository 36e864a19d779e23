package io.scanline.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.models.GenerativeAdversarialNetwork;
import io.scanline.trainer.models.ImageGenerator;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchNumbers;
import io.scanline.trainer.ops.TorchOps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two players in one training. */
class AdversarialTrainingTest {
    @TempDir
    private Path directory;

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    private static Recipe recipe(String name, String change) throws IOException {
        String text = Recipe.load(name).text();
        String[] both = change.split(" -> ");
        assertThat(text).contains(both[0]);
        return Recipe.parse(text.replace(both[0], both[1])).recipe();
    }

    private static TrainingRun run(Recipe recipe, ImageSet images, Path directory) throws IOException {
        return new TrainingRun(
                recipe.training(),
                recipe.network(images),
                images,
                recipe.discretiser(),
                directory,
                Precision.FP32,
                4,
                Peers.NONE);
    }

    private static Map<String, String> train(Recipe recipe, Path directory, int step)
            throws IOException, InterruptedException {
        try (TrainingRun run = run(recipe, new SyntheticShapes(8, 8).draw(200, 1), directory)) {
            run.train(step, point -> {});
            Map<String, String> numbers = new TreeMap<>();
            run.average().tensors().forEach((name, tensor) -> numbers.put(name, exactly(tensor)));
            return numbers;
        }
    }

    private static String exactly(Tensor tensor) {
        float[] numbers = TorchNumbers.of(tensor);
        return IntStream.range(0, numbers.length)
                .mapToObj(i -> Integer.toHexString(Float.floatToRawIntBits(numbers[i])))
                .collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @CsvSource({
        "tiny-gan, version -> version",
        "tiny-gan, spectralNorm: false -> spectralNorm: true",
        "tiny-gan, game: relativistic -> game: minimax",
        "tiny-vqgan, version -> version",
    })
    void resumedRunGivesTheSameForBothPlayers(String name, String change) throws IOException, InterruptedException {
        Recipe recipe = recipe(name, change);
        Path whole = directory.resolve("whole");
        Path parts = directory.resolve("parts");
        Map<String, String> average = train(recipe, whole, 8);
        train(recipe, parts, 5);
        assertThat(train(recipe, parts, 8)).isEqualTo(average);
        assertThat(average.keySet()).anyMatch(weight -> weight.startsWith("discriminator"));
        assertThat(Files.readString(parts.resolve(LossCurve.FILE)))
                .isEqualTo(Files.readString(whole.resolve(LossCurve.FILE)));
        assertThat(new LossCurve(whole.resolve(LossCurve.FILE)).read()).hasSize(8).allSatisfy(point -> {
            assertThat(point.training()).isFinite();
            boolean plays = name.equals("tiny-gan") || point.step() >= 6; // where the recipe lets the opponent begin
            assertThat(Double.isFinite(point.opposing())).isEqualTo(plays);
        });
    }

    @Test
    void onlyTheGeneratorIsKeptOfARun() throws IOException, InterruptedException {
        Recipe recipe = Recipe.load("tiny-gan").recipe();
        train(recipe, directory, 2);
        GenerativeAdversarialNetwork network =
                (GenerativeAdversarialNetwork) recipe.network(new SyntheticShapes(8, 8).draw(2, 1));
        Parameters kept = new RunDirectory(directory).trained(network).average();
        assertThat(kept.tensors().keySet()).isNotEmpty().allMatch(name -> name.startsWith("generator"));
    }

    /** Each player's turn moves its own weights and no others. */
    @Test
    void onePlayerMovesAtATime() throws IOException, InterruptedException {
        Recipe recipe = Recipe.load("tiny-gan").recipe();
        ImageSet images = new SyntheticShapes(8, 8).draw(16, 1);
        Objective objective = Families.objective(recipe.network(images));
        List<Player> players = objective.players();
        assertThat(players).extracting(Player::name).containsExactly("discriminator", "generator");
        Parameters initial = Parameters.initial(Player.weights(players), 1);
        try (DataParallel workers = new DataParallel(objective, initial, 2, Peers.NONE)) {
            List<Optimiser> optimisers = Optimiser.of(players, workers.weights(), recipe.training());
            Map<String, String> before = new TreeMap<>();
            for (int i = 0; i < 2; i++) {
                workers.weights().tensors().forEach((name, tensor) -> before.put(name, exactly(tensor)));
                workers.accumulate(players.get(i), 0, images, Precision.FP32, 5);
                optimisers.get(i).step(1e-3);
                String own = players.get(i).name();
                workers.weights().tensors().forEach((name, tensor) -> {
                    boolean moves = name.startsWith(own) && !name.equals("discriminator.last.bias"); // pairs have none
                    assertThat(exactly(tensor).equals(before.get(name))).as(name).isEqualTo(!moves);
                });
            }
        }
    }

    /** What a generator starts from does not depend on whom it plays with. */
    @Test
    void generatorStartsAsItWouldAlone() throws IOException {
        Recipe recipe = Recipe.load("tiny-gan").recipe();
        var network = recipe.network(new SyntheticShapes(8, 8).draw(2, 1));
        Parameters alone = Parameters.initial(network.parameters(), 1);
        Parameters both = Parameters.initial(Player.weights(Families.objective(network).players()), 1);
        alone.tensors().forEach((name, tensor) ->
                assertThat(exactly(both.tensors().get(name))).isEqualTo(exactly(tensor)));
    }

    @Test
    void penaltiesAreTakenAtTheirStepsOnly() throws IOException {
        Recipe recipe = recipe("tiny-gan", "every: 1 -> every: 3");
        ImageSet images = recipe.discretiser().fixed(new SyntheticShapes(8, 8).draw(16, 1));
        Objective objective = Families.objective(recipe.network(images));
        Player discriminator = objective.players().get(0);
        TorchOps ops = new TorchOps(
                Parameters.initial(Player.weights(objective.players()), 1).withGradients().tensors());
        double with = discriminator.loss().of(ops, images, Precision.FP32, 9, 3).item_double();
        double without = discriminator.loss().of(ops, images, Precision.FP32, 9, 4).item_double();
        assertThat(with).isGreaterThan(without);
        Recipe always = Recipe.load("tiny-gan").recipe();
        Player often = Families.objective(always.network(images)).players().get(0);
        double once = often.loss().of(ops, images, Precision.FP32, 9, 0).item_double();
        assertThat(with - without).isCloseTo(3 * (once - without), within(1e-3 * with));
    }

    /** Images of one bright half each: the left one or the right one. A collapsed generator would make one of them only. */
    @Test
    void bothModesAreCovered() throws IOException, InterruptedException {
        String text = Recipe.load("tiny-gan").text()
                .replace("features: [8, 16]", "features: [16]")
                .replace("classes: true", "classes: false")
                .replace("embedding: 4", "embedding: 0")
                .replaceAll("(?s)  augment:.*?  spectralNorm", "  spectralNorm");
        Recipe recipe = Recipe.parse(text).recipe();
        byte[] values = new byte[400 * 16];
        for (int i = 0; i < values.length; i++) {
            boolean right = i % 4 >= 2;
            values[i] = (byte) (right == (i / 16 % 2 == 0) ? 230 : 20);
        }
        ImageSet images = new ImageSet(values, new int[400], 4, 4, 1, 256, List.of("any"));
        try (TrainingRun run = run(recipe, images, directory)) {
            run.train(150, point -> {});
            ImageGenerator generator = (ImageGenerator) recipe.network(images);
            int[] modes = new int[2];
            try (NoGradGuard noGradients = new NoGradGuard()) {
                Tensor drawn = generator.draw(
                        new TorchOps(run.average().tensors()),
                        Noise.normal(11, 200, generator.latentSize()),
                        Optional.empty());
                float[] numbers = TorchNumbers.of(drawn);
                for (int n = 0; n < 200; n++) {
                    double left = 0;
                    double right = 0;
                    for (int i = 0; i < 16; i++) {
                        if (i % 4 < 2) {
                            left += numbers[n * 16 + i] / 8;
                        } else {
                            right += numbers[n * 16 + i] / 8;
                        }
                    }
                    if (Math.abs(left - right) > 0.5) {
                        modes[left > right ? 0 : 1]++;
                    }
                }
            }
            assertThat(modes[0]).isBetween(50, 150);
            assertThat(modes[1]).isBetween(50, 150);
            assertThat(modes[0] + modes[1]).isGreaterThan(170);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'game: relativistic', 'game: chess', chess",
        "'embedding: 4', 'embedding: 0', embedding",
        "'features: [8, 16]', 'features: []', features",
        "'every: 1', 'every: 0', every",
        "'kinds: [translation, cutout]', 'kinds: [mirror]', cutout",
        "'probability: 0.3', 'probability: 1.3', probability",
        "'opponentRate: 1.0', 'opponentRate: 0', opponentRate",
    })
    void mistakeInARecipeIsNamed(String right, String wrong, String named) throws IOException {
        String text = Recipe.load("tiny-gan").text();
        assertThat(text).contains(right);
        assertThatThrownBy(() -> Recipe.parse(text.replace(right, wrong)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(named);
    }
}
