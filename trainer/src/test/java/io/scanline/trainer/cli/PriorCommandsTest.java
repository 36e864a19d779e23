package io.scanline.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** train, export, evaluate and sample of a prior over the codes of a tokenizer that was trained before. */
class PriorCommandsTest {
    @TempDir
    private static Path directory;

    private static String models;
    private static String run;

    @BeforeAll
    static void trainAndExport() {
        models = directory.resolve("models").toString();
        run = directory.resolve("prior").toString();
        String tokenizer = directory.resolve("tokenizer").toString();
        done("train", "tiny-vq", "--out", tokenizer, "--steps", "40", "--precision", "fp32");
        done("export", tokenizer, "--out", models);
        done("train", "tiny-prior", "--models", models, "--out", run, "--steps", "120", "--precision", "fp32");
        assertThat(done("export", run, "--models", models, "--out", models).out())
                .contains("tolerated difference", "bits_per_code", "scanline-server.jar serve");
    }

    @Test
    void evaluationIsTheRowThatTheExportMeasuredAndNeedsNoTokenizer() throws IOException {
        CommandRun evaluated = done("evaluate", models + "/tiny-prior", "--json");
        assertThat(evaluated.out()).hasLineCount(1);
        JsonNode row = new ObjectMapper().readTree(evaluated.out());
        JsonNode bundle = new ObjectMapper().readTree(Path.of(models, "tiny-prior", "1", "bundle.json").toFile());
        assertThat(row.get("family").asText()).isEqualTo("token-prior");
        assertThat(row.get("metric").asText()).isEqualTo("bits_per_code");
        assertThat(row.get("unit").asText()).isEqualTo("bits/code");
        assertThat(row.get("value").asDouble()).isCloseTo(bundle.at("/metrics/0/value").asDouble(), within(1e-9));
        assertThat(row.get("floor").asDouble()).isCloseTo(bundle.at("/metrics/1/value").asDouble(), within(1e-9));
        assertThat(row.get("value").asDouble()).isLessThan(row.at("/figures/unigram_floor").asDouble());
        assertThat(row.get("protocol").asText()).contains("all 200 test images of shapes", "tiny-vq/1");
        assertThat(done("evaluate", models + "/tiny-prior", "--images", "20").out())
                .contains("the first 20 of 200 test images", "code_usage", "nats/image");
    }

    @Test
    void sheetHasDecodedPicturesOfEveryClass() throws IOException {
        Path all = directory.resolve("all.png");
        Path one = directory.resolve("one.png");
        done("sample", models + "/tiny-prior", "--count", "3", "--out", all.toString());
        done("sample", models + "/tiny-prior", "--count", "3", "--class", "square", "--out", one.toString());
        assertThat(ImageIO.read(all.toFile()).getHeight())
                .isGreaterThan(2 * ImageIO.read(one.toFile()).getHeight());
        assertThat(ImageIO.read(one.toFile()).getWidth()).isGreaterThan(3 * 8 * 3);
    }

    @Test
    void anotherTokenizerIsRefused() throws IOException {
        Path others = directory.resolve("others");
        Path copy = Files.createDirectories(others.resolve("tiny-vq/1"));
        for (String file : new String[] {"bundle.json", "encoder.onnx", "decoder.onnx", "preview.png"}) {
            Files.copy(Path.of(models, "tiny-vq", "1", file), copy.resolve(file));
        }
        Files.createDirectories(copy.resolve("golden"));
        for (int n = 0; n < 3; n++) {
            for (String kind : new String[] {"pixels", "image", "latent"}) {
                String file = "golden/" + n + "." + kind;
                Files.copy(Path.of(models, "tiny-vq", "1").resolve(file), copy.resolve(file));
            }
        }
        String description = Files.readString(copy.resolve("bundle.json"));
        Files.writeString(copy.resolve("bundle.json"), description + "\n");
        CommandRun export = CommandRun.of("export", run, "--models", others.toString(), "--out", models);
        assertThat(export.exitCode()).isEqualTo(1);
        assertThat(export.err()).hasLineCount(1).contains("tiny-vq/1", "not the one that the prior was trained on");
        CommandRun train = CommandRun.of("train", "tiny-prior", "--models", others.toString(), "--out", run);
        assertThat(train.exitCode()).isEqualTo(1);
        assertThat(train.err()).hasLineCount(1).contains("another tiny-vq/1", "--out");
    }

    @Test
    void stepsInIntegersAreMadeForPriorsAndForNoTokenizer() throws IOException {
        done("export", run, "--models", models, "--out", directory.resolve("int8").toString(), "--int8");
        Path exported = directory.resolve("int8/tiny-prior/1");
        JsonNode bundle = new ObjectMapper().readTree(exported.resolve("bundle.json").toFile());
        assertThat(bundle.get("graphs")).extracting(graph -> graph.get("role").asText() + " " + graph.get("variant").asText())
                .containsExactly("step fp32", "encoder fp32", "decoder fp32", "step int8");
        assertThat(bundle.get("goldenSamples")).extracting(sample -> sample.path("variant").asText())
                .containsExactly("", "", "", "int8", "int8", "int8");
        assertThat(exported.resolve("golden/int8-0.decoded")).isNotEmptyFile();
        assertThat(exported.resolve("golden/int8-0.pixels")).hasSize(16);
        JsonNode row = new ObjectMapper().readTree(done("evaluate", exported.toString(), "--json").out());
        JsonNode stored = new ObjectMapper().readTree(done("evaluate", exported.toString(), "--json", "--stored").out());
        for (JsonNode each : new JsonNode[] {row, stored}) {
            double fp32 = each.at("/figures/bits_per_code").asDouble();
            double int8 = each.at("/figures/bits_per_code_int8").asDouble();
            assertThat(each.get("value").asDouble()).isEqualTo(fp32).isNotEqualTo(int8);
            assertThat(each.at("/figures/likelihood_excess_int8").asDouble())
                    .isCloseTo(100 * (int8 / fp32 - 1), within(1e-6))
                    .isBetween(-5.0, 5.0);
        }
        CommandRun none = CommandRun.of("quantise", models + "/tiny-vq/1");
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.err()).hasLineCount(1).contains("stays as it is");
    }

    @Test
    void aMissingTokenizerIsNamed() {
        CommandRun train = CommandRun.of("train", "tiny-prior", "--models", directory.resolve("none").toString());
        assertThat(train.exitCode()).isEqualTo(1);
        assertThat(train.err()).hasLineCount(1).contains("needs the tokenizer tiny-vq/1", "--models");
    }

    private static CommandRun done(String... arguments) {
        CommandRun command = CommandRun.of(arguments);
        assertThat(command.exitCode()).as(command.err()).isZero();
        return command;
    }
}
