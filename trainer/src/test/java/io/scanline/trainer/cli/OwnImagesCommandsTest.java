package io.scanline.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.scanline.trainer.data.Drawings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user's own images from train to evaluate: the size is said once. */
class OwnImagesCommandsTest {
    @TempDir
    private Path directory;

    @Test
    void sizeIsKeptFromTrainingToEvaluation() throws IOException {
        Path images = Files.createDirectories(directory.resolve("images"));
        for (int i = 0; i < 12; i++) {
            Drawings.write(images.resolve(i + ".png"), Drawings.grey(20 + i, 20, 20 * i));
        }
        String data = images.toString();
        String run = directory.resolve("run").toString();
        String models = directory.resolve("models").toString();

        CommandRun train = CommandRun.of(
                "train", "vae", "--data", data, "--size", "8", "--out", run, "--steps", "2", "--precision", "fp32");
        assertThat(train.exitCode()).as(train.err()).isZero();
        assertThat(Path.of(run, "recipe.yaml")).content().contains("\ndataset: images\nsize: 8\n");
        CommandRun other = CommandRun.of("train", "vae", "--data", data, "--out", run, "--steps", "2");
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.err()).contains("another recipe");

        CommandRun export = CommandRun.of("export", run, "--data", data, "--out", models);
        assertThat(export.exitCode()).as(export.err()).isZero();
        CommandRun evaluate = CommandRun.of("evaluate", models + "/vae", "--data", data, "--json");
        assertThat(evaluate.exitCode()).as(evaluate.err()).isZero();
        assertThat(new ObjectMapper().readTree(evaluate.out()).get("protocol").asText())
                .contains("test images of images, 8 x 8 x 1");
        CommandRun missing = CommandRun.of("evaluate", models + "/vae");
        assertThat(missing.exitCode()).isEqualTo(2);
        assertThat(missing.err()).hasLineCount(1).contains("--data");
    }
}
