package io.scanline.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** export, evaluate and sample, on a bundle trained for 60 steps. */
class BundleCommandsTest {
    @TempDir
    private static Path directory;

    private static Path models;
    private static CommandRun export;

    @BeforeAll
    static void trainAndExport() {
        String run = directory.resolve("run").toString();
        models = directory.resolve("models");
        assertThat(CommandRun.of("train", "tiny", "--out", run, "--steps", "60", "--precision", "fp32").exitCode()).isZero();
        export = CommandRun.of("export", run, "--out", models.toString());
    }

    @Test
    void exportWritesABundleAndSaysWhatItFound() {
        assertThat(export.exitCode()).as(export.err()).isZero();
        assertThat(export.out())
                .contains("after step 60 of 400")
                .contains("tolerated difference")
                .contains("bits/dim")
                .contains("scanline-server.jar serve");
        assertThat(models.resolve("tiny/1")).isDirectoryContaining("glob:**/{bundle.json}")
                .isDirectoryContaining("glob:**/{step.onnx}");
        assertThat(models.resolve("tiny")).isDirectoryNotContaining("glob:**/.export*");
    }

    @Test
    void evaluationIsOneJsonObjectThatAgreesWithTheBundle() throws IOException {
        CommandRun run = CommandRun.of("evaluate", models.resolve("tiny").toString(), "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode object = new ObjectMapper().readTree(run.out());
        assertThat(run.out()).hasLineCount(1);
        assertThat(object.get("family").asText()).isEqualTo("image-transformer");
        assertThat(object.get("data_set").asText()).isEqualTo("shapes");
        assertThat(object.get("protocol").asText()).contains("all 200 test images", "4 levels");
        assertThat(object.get("metric").asText()).isEqualTo("bits_per_dim");
        assertThat(object.get("sample_count").asInt()).isEqualTo(200);
        assertThat(object.get("floor").asDouble()).isCloseTo(0.1763, within(1e-3));
        assertThat(object.get("published_best").isNull()).isTrue();
        assertThat(object.get("seconds").asDouble()).isPositive();
        assertThat(object.get("parameters").asLong()).isPositive();
        assertThat(object.get("training_steps").asInt()).isEqualTo(60);
        assertThat(object.get("images_seen").asInt()).isEqualTo(60 * 16);
        assertThat(object.get("picture").asText()).isEqualTo("tiny/1/preview.png");
        assertThat(object.get("measured").asText()).isEqualTo("evaluate");
        double shipped = new ObjectMapper()
                .readTree(models.resolve("tiny/1/bundle.json").toFile())
                .at("/metrics/0/value")
                .asDouble();
        assertThat(object.get("value").asDouble()).isCloseTo(shipped, within(1e-9));
        assertThat(object.get("nats_per_image").asDouble()).isCloseTo(shipped * 64 * Math.log(2), within(1e-6));
    }

    @Test
    void evaluationForPeopleShowsTheFloors() {
        CommandRun run = CommandRun.of("evaluate", models.resolve("tiny/1").toString(), "--images", "7");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("the first 7 of 200 test images", "counted W+N+NW+NE", "nats/image", "this bundle");
    }

    @Test
    void sheetHasARowForEveryClassAndASeedGivesTheSameSheet() throws IOException {
        Path all = sample("all.png", "--count", "3", "--seed", "5");
        Path again = sample("again.png", "--count", "3", "--seed", "5");
        Path other = sample("other.png", "--count", "3", "--seed", "6");
        Path one = sample("one.png", "--count", "3", "--seed", "5", "--class", "Vertical bar");
        assertThat(Files.readAllBytes(again)).isEqualTo(Files.readAllBytes(all));
        assertThat(Files.readAllBytes(other)).isNotEqualTo(Files.readAllBytes(all));
        BufferedImage sheet = ImageIO.read(all.toFile());
        BufferedImage row = ImageIO.read(one.toFile());
        assertThat(sheet.getHeight()).isGreaterThan(2 * row.getHeight());
        assertThat(sheet.getWidth()).isGreaterThan(3 * 8 * 3);
    }

    @Test
    void quantiseNeedsAnImageToCompareOn() {
        CommandRun run = CommandRun.of("quantise", models.resolve("tiny/1").toString(), "--images", "0");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).hasLineCount(1).contains("--images 0 is below 1");
    }

    @ParameterizedTest
    @CsvSource({"--class;dog, dog", "--count;0, --count", "--temperature;NaN, --temperature", "--temperature;11, --temperature"})
    void badSampleArgumentsAreNamed(String arguments, String named) {
        CommandRun run = sampleRun(directory.resolve("never.png"), arguments.split(";"));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).hasLineCount(1).contains(named);
        assertThat(directory.resolve("never.png")).doesNotExist();
    }

    @Test
    void exportedBundleHasADraftThatTheDraftCommandWritesAgain(@TempDir Path copy) throws IOException {
        Path exported = models.resolve("tiny/1");
        assertThat(exported.resolve("draft.gz")).isNotEmptyFile();
        Path renewed = copied(exported, copy.resolve("tiny/1"));
        CommandRun run = CommandRun.of("draft", renewed.toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(renewed.resolve("bundle.json")).hasSameTextualContentAs(exported.resolve("bundle.json"));
        assertThat(renewed.resolve("draft.gz")).hasSameBinaryContentAs(exported.resolve("draft.gz"));
    }

    @Test
    void quantiseGivesABundleStepsInIntegersAndLeavesWhatWasThere(@TempDir Path copy) throws IOException {
        Path exported = models.resolve("tiny/1");
        Path both = copied(exported, copy.resolve("tiny/1"));
        CommandRun run = CommandRun.of("quantise", both.toString(), "--images", "50");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("tolerated difference", "likelihood_excess in int8", "50 test images of shapes");
        for (String file : new String[] {"step.onnx", "draft.gz", "preview.png", "golden/0.pixels", "golden/0.logits"}) {
            assertThat(both.resolve(file)).hasSameBinaryContentAs(exported.resolve(file));
        }
        JsonNode before = new ObjectMapper().readTree(exported.resolve("bundle.json").toFile());
        JsonNode after = new ObjectMapper().readTree(both.resolve("bundle.json").toFile());
        for (String list : new String[] {"graphs", "metrics", "goldenSamples"}) {
            for (int n = 0; n < before.get(list).size(); n++) {
                assertThat(after.get(list).get(n)).isEqualTo(before.get(list).get(n));
            }
            for (int n = before.get(list).size(); n < after.get(list).size(); n++) {
                assertThat(after.get(list).get(n).get("variant").asText()).isEqualTo("int8");
            }
        }
        assertThat(after.get("metrics")).hasSize(before.get("metrics").size() + 2);
        assertThat(after.get("goldenSamples")).hasSize(6);
        assertThat(after.at("/graphs/1/state/keyValueCache/element").asText()).isEqualTo("ELEMENT_INT8");
        String once = Files.readString(both.resolve("bundle.json"));
        assertThat(CommandRun.of("quantise", both.toString(), "--images", "50").exitCode()).isZero();
        assertThat(both.resolve("bundle.json")).hasContent(once);
        assertThat(CommandRun.of("draft", both.toString()).exitCode()).isZero();
        assertThat(CommandRun.of("evaluate", both.toString(), "--images", "20").out())
                .contains("bits_per_dim_int8", "likelihood_excess_int8", "step graph in int8");
    }

    @Test
    void chunkGivesABundleAGraphOfManyStepsAndLeavesWhatWasThere(@TempDir Path copy) throws IOException {
        Path exported = models.resolve("tiny/1");
        Path both = copied(exported, copy.resolve("tiny/1"));
        CommandRun run = CommandRun.of("chunk", both.toString(), "--images", "10");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("values drawn alike", "likelihood_excess in fp16", "10 test images of shapes");
        for (String file : new String[] {"step.onnx", "draft.gz", "preview.png", "golden/0.pixels", "golden/0.logits"}) {
            assertThat(both.resolve(file)).hasSameBinaryContentAs(exported.resolve(file));
        }
        JsonNode before = new ObjectMapper().readTree(exported.resolve("bundle.json").toFile());
        JsonNode after = new ObjectMapper().readTree(both.resolve("bundle.json").toFile());
        for (String list : new String[] {"graphs", "metrics", "goldenSamples"}) {
            for (int n = 0; n < after.get(list).size(); n++) {
                if (n < before.get(list).size()) {
                    assertThat(after.get(list).get(n)).isEqualTo(before.get(list).get(n));
                } else {
                    assertThat(after.get(list).get(n).get("variant").asText()).isEqualTo("fp16");
                }
            }
        }
        assertThat(after.at("/graphs/1/role").asText()).isEqualTo("chunk");
        assertThat(after.at("/graphs/1/state/keyValueCache/element").asText()).isEqualTo("ELEMENT_FLOAT16");
        assertThat(after.get("metrics")).hasSize(before.get("metrics").size() + 2);
        JsonNode sample = after.at("/goldenSamples/3");
        assertThat(both.resolve(sample.get("pixels").asText())).hasSize(sample.get("steps").asLong());
        assertThat(both.resolve(sample.get("logits").asText())).hasSize(Float.BYTES * sample.get("steps").asLong());
        assertThat(sample.get("steps").asLong()).isGreaterThan(16);
        String once = Files.readString(both.resolve("bundle.json"));
        assertThat(CommandRun.of("chunk", both.toString(), "--images", "10").exitCode()).isZero();
        assertThat(both.resolve("bundle.json")).hasContent(once);
    }

    @Test
    void chunkNamesABadNumberOfImages() {
        CommandRun run = CommandRun.of("chunk", models.resolve("tiny/1").toString(), "--images", "0");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).hasLineCount(1).contains("--images 0 is below 1");
    }

    private static Path copied(Path bundle, Path target) throws IOException {
        try (Stream<Path> files = Files.walk(bundle)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                Path copy = target.resolve(bundle.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
        return target;
    }

    @Test
    void damagedBundleIsNotRead(@TempDir Path copy) throws IOException {
        for (String file : new String[] {"bundle.json", "step.onnx", "preview.png"}) {
            Files.copy(models.resolve("tiny/1").resolve(file), copy.resolve(file));
        }
        byte[] onnx = Files.readAllBytes(copy.resolve("step.onnx"));
        onnx[onnx.length / 2] ^= 1;
        Files.write(copy.resolve("step.onnx"), onnx);
        CommandRun run = CommandRun.of("evaluate", copy.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).hasLineCount(1);
    }

    @Test
    void directoryWithoutARunCannotBeExported() {
        CommandRun run = CommandRun.of("export", directory.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).hasLineCount(1).contains("recipe.yaml");
    }

    private static Path sample(String name, String... arguments) {
        Path file = directory.resolve(name);
        CommandRun run = sampleRun(file, arguments);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return file;
    }

    private static CommandRun sampleRun(Path file, String... arguments) {
        String[] command = {"sample", models.resolve("tiny/1").toString(), "--out", file.toString()};
        String[] all = Arrays.copyOf(command, command.length + arguments.length);
        System.arraycopy(arguments, 0, all, command.length, arguments.length);
        return CommandRun.of(all);
    }
}
