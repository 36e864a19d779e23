package io.scanline.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.trainer.export.FeatureBundle;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.training.LossCurve;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** train and export of a VQ-GAN that compares images by a classifier trained before. */
class FeatureLossCommandsTest {
    @TempDir
    private static Path directory;

    private static String models;
    private static String recipe;

    @BeforeAll
    static void trainTheClassifier() throws IOException {
        models = directory.resolve("models").toString();
        String run = directory.resolve("classifier").toString();
        done("train", "tiny-vit", "--out", run, "--steps", "10", "--precision", "fp32");
        done("export", run, "--out", models);
        Path file = directory.resolve("recipe.yaml");
        Files.writeString(file, Recipe.load("tiny-vqgan").text()
                .replace("  adversary:", "  perception:\n    bundle: tiny-vit/1\n    weight: 2\n  adversary:"));
        recipe = file.toString();
    }

    /** With two workers, the opponent from step 6 on. */
    @Test
    void resumedRunGivesTheSame() throws IOException {
        Path whole = train("whole", 30);
        train("parts", 4);
        Path parts = train("parts", 30);
        List<LossCurve.Point> curve = new LossCurve(whole.resolve(LossCurve.FILE)).read();
        assertThat(Files.readString(parts.resolve(LossCurve.FILE)))
                .isEqualTo(Files.readString(whole.resolve(LossCurve.FILE)));
        assertThat(curve).hasSize(30).allSatisfy(point -> assertThat(point.training()).isFinite());
        assertThat(curve.get(5).training()).isLessThan(curve.get(0).training());
        assertThat(Files.readString(whole.resolve("recipe.yaml"))).contains("bundle: tiny-vit/1\n    digest: ");
        String bundles = directory.resolve("exported").toString();
        done("export", whole.toString(), "--out", bundles); // which needs no classifier
        assertThat(done("evaluate", bundles + "/tiny-vqgan", "--images", "20").out()).contains("sharpness");
    }

    private static Path train(String name, int steps) {
        Path run = directory.resolve(name);
        done(
                "train", recipe, "--models", models, "--out", run.toString(), "--steps", Integer.toString(steps),
                "--precision", "fp32");
        return run;
    }

    @Test
    void aMissingClassifierIsNamed() {
        CommandRun train = CommandRun.of("train", recipe, "--models", directory.resolve("none").toString());
        assertThat(train.exitCode()).isEqualTo(1);
        assertThat(train.err()).hasLineCount(1).contains("by the features of tiny-vit/1", "--models");
    }

    @Test
    void aRunGoesOnWithItsOwnClassifierOnly() throws IOException {
        Path run = train("own", 2);
        Path others = directory.resolve("others");
        String other = directory.resolve("other").toString();
        done("train", "tiny-vit", "--out", other, "--steps", "11", "--precision", "fp32");
        done("export", other, "--out", others.toString());
        CommandRun resumed = CommandRun.of("train", recipe, "--models", others.toString(), "--out", run.toString());
        assertThat(resumed.exitCode()).isEqualTo(1);
        assertThat(resumed.err()).hasLineCount(1).contains("another tiny-vit/1", "--out");
    }

    /** Its images are larger than those of the recipe, which is refused, too. */
    @Test
    void aModelOfImagesAndTextsHasFeaturesToo() throws IOException {
        String run = directory.resolve("pairs").toString();
        done("train", "tiny-clip", "--out", run, "--steps", "2", "--precision", "fp32");
        done("export", run, "--out", models);
        Path file = directory.resolve("pairs.yaml");
        Files.writeString(file, Files.readString(Path.of(recipe)).replace("tiny-vit/1", "tiny-clip/1"));
        FeatureBundle bundle = FeatureBundle.of(Recipe.load(file.toString()).recipe(), Path.of(models)).orElseThrow();
        ImageGeometry seen = bundle.stored().bundle().getGeometry();
        ImageShape shape = new ImageShape(seen.getWidth(), seen.getHeight(), seen.getChannels(), 256, 0);
        assertThat(bundle.distance(shape).frozen().tensors()).containsKeys("image.patches.weight", "image.norm.gain");
        CommandRun train = CommandRun.of("train", file.toString(), "--models", models, "--out", run + "-gan");
        assertThat(train.exitCode()).isEqualTo(1);
        assertThat(train.err())
                .hasLineCount(1)
                .contains("tiny-clip/1 looks at images of " + seen.getWidth() + " x ", "8 x 8 x 1");
    }

    private static CommandRun done(String... arguments) {
        CommandRun command = CommandRun.of(arguments);
        assertThat(command.exitCode()).as(command.err()).isZero();
        return command;
    }
}
