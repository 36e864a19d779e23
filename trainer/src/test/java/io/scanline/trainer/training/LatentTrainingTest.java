package io.scanline.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchNumbers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The latent families in training. */
class LatentTrainingTest {
    @TempDir
    private Path directory;

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-ae", "tiny-vae", "tiny-vq"})
    void lossFallsAndAResumedRunGivesTheSame(String recipe) throws IOException, InterruptedException {
        Path whole = directory.resolve("whole");
        Path parts = directory.resolve("parts");
        Map<String, List<Float>> average = train(recipe, whole, 24);
        train(recipe, parts, 10);
        assertThat(train(recipe, parts, 24)).isEqualTo(average);
        assertThat(Files.readString(parts.resolve(LossCurve.FILE)))
                .isEqualTo(Files.readString(whole.resolve(LossCurve.FILE)));
        List<LossCurve.Point> points = new LossCurve(whole.resolve(LossCurve.FILE)).read();
        assertThat(points).hasSize(24).allSatisfy(point -> assertThat(point.training()).isFinite());
        assertThat(mean(points.subList(18, 24))).isLessThan(mean(points.subList(0, 6)));
    }

    @ParameterizedTest
    @CsvSource({
        "tiny-ae, 'code: 6', 'code: 0', code",
        "tiny-ae, 'linear: false', 'linear: true', linear",
        "tiny-vae, 'observation: gaussian', 'observation: poisson', poisson",
        "tiny-vae, 'hidden: [32]', 'hidden: [0]', hidden",
        "tiny-vq, 'codes: 8', 'codes: 1', codes",
        "tiny-vq, '  codebook:', '  scalars: [4]\n  codebook:', scalars",
        "tiny-vq, 'decay: 0.9', 'decay: 1', decay",
    })
    void mistakeInARecipeIsNamed(String recipe, String right, String wrong, String named) throws IOException {
        String text = Recipe.load(recipe).text();
        assertThat(text).contains(right);
        assertThatThrownBy(() -> Recipe.parse(text.replace(right, wrong)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(named);
    }

    private static double mean(List<LossCurve.Point> points) {
        return points.stream().mapToDouble(LossCurve.Point::training).average().orElseThrow();
    }

    /** Trains up to a step and returns the averaged tensors. */
    private static Map<String, List<Float>> train(String name, Path directory, int step)
            throws IOException, InterruptedException {
        Recipe recipe = Recipe.load(name).recipe();
        ImageSet images = new SyntheticShapes(8, 8).draw(200, 1);
        try (TrainingRun run = new TrainingRun(
                recipe.training(),
                recipe.network(images),
                images,
                recipe.discretiser(),
                directory,
                Precision.FP32,
                5,
                Peers.NONE)) {
            assertThat(run.train(step, point -> {}).step()).isEqualTo(step);
            Map<String, List<Float>> numbers = new TreeMap<>();
            for (Map.Entry<String, Tensor> entry : run.average().tensors().entrySet()) {
                float[] values = TorchNumbers.of(entry.getValue());
                numbers.put(entry.getKey(), new ArrayList<>());
                for (float value : values) {
                    numbers.get(entry.getKey()).add(value);
                }
            }
            return numbers;
        }
    }
}
