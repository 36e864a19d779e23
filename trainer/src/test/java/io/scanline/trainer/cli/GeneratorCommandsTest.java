package io.scanline.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** train, export, evaluate and sample of a model that only draws. */
class GeneratorCommandsTest {
    @TempDir
    private Path directory;

    @Test
    void fromARecipeToSamples() throws IOException {
        String run = directory.resolve("run").toString();
        String models = directory.resolve("models").toString();
        CommandRun train = CommandRun.of("train", "tiny-gan", "--out", run, "--steps", "4", "--precision", "fp32");
        assertThat(train.exitCode()).as(train.err()).isZero();
        CommandRun export = CommandRun.of("export", run, "--out", models);
        assertThat(export.exitCode()).as(export.err()).isZero();
        assertThat(export.out()).contains("difference from libtorch").contains("real_frechet_distance");

        String bundle = directory.resolve("models/tiny-gan").toString();
        CommandRun evaluate = CommandRun.of("evaluate", bundle, "--json");
        assertThat(evaluate.exitCode()).as(evaluate.err()).isZero();
        JsonNode row = new ObjectMapper().readTree(evaluate.out());
        assertThat(row.get("metric").asText()).isEqualTo("frechet_distance");
        assertThat(row.get("floor_name").asText()).isEqualTo("real_frechet_distance");
        assertThat(row.get("protocol").asText()).contains("principal components", "not comparable");

        Path sheet = directory.resolve("sheet.png");
        CommandRun one = CommandRun.of(
                "sample", bundle, "--class", "0", "--count", "3", "--temperature", "0.5", "--out", sheet.toString());
        assertThat(one.exitCode()).as(one.err()).isZero();
        int height = ImageIO.read(sheet.toFile()).getHeight();
        CommandRun all = CommandRun.of("sample", bundle, "--count", "3", "--out", sheet.toString());
        assertThat(all.exitCode()).as(all.err()).isZero();
        assertThat(ImageIO.read(sheet.toFile()).getHeight()).isGreaterThan(height);
        CommandRun wrong = CommandRun.of("sample", bundle, "--class", "no such", "--out", sheet.toString());
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("no class no such");
    }
}
