package io.scanline.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scanline.trainer.export.TinyTokenizer;
import io.scanline.trainer.ops.Libtorch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** train, export, evaluate and sample of a prior that draws what a text says. */
class TextPriorCommandsTest {
    @TempDir
    private static Path directory;

    private static String models;
    private static String model;
    private static String run;

    @BeforeAll
    static void trainAndExport() throws Exception {
        Libtorch.load();
        models = directory.resolve("models").toString();
        model = models + "/tiny-text-prior";
        run = directory.resolve("prior").toString();
        TinyTokenizer.writeForCaptions(Path.of(models), 1);
        done("train", "tiny-text-prior", "--models", models, "--out", run, "--steps", "60", "--precision", "fp32");
        assertThat(done("export", run, "--models", models, "--out", models).out())
                .contains("tolerated difference", "bits_per_code", "scanline-server.jar serve");
    }

    @Test
    void evaluationSaysHowMuchTheTextTells() throws IOException {
        JsonNode row = new ObjectMapper().readTree(done("evaluate", model, "--json").out());
        JsonNode bundle = new ObjectMapper().readTree(Path.of(model, "1", "bundle.json").toFile());
        assertThat(row.get("family").asText()).isEqualTo("text-prior");
        assertThat(row.get("metric").asText()).isEqualTo("bits_per_code");
        assertThat(row.get("value").asDouble()).isCloseTo(bundle.at("/metrics/0/value").asDouble(), within(1e-9));
        assertThat(row.get("protocol").asText())
                .contains("all 276 test images of captioned-shapes", "given the caption");
        assertThat(row.at("/figures/bits_per_code_shuffled_captions").asDouble())
                .isCloseTo(bundle.at("/metrics/9/value").asDouble(), within(1e-9))
                .isNotEqualTo(row.get("value").asDouble());
        assertThat(row.at("/figures/bits_per_code_empty_text").asDouble()).isPositive();
    }

    @Test
    void stepsInOtherArithmeticAreGivenTheTextsToo() throws IOException {
        Path other = directory.resolve("int8");
        done("export", run, "--models", models, "--out", other.toString(), "--int8", "--chunk");
        Path exported = other.resolve("tiny-text-prior/1");
        JsonNode bundle = new ObjectMapper().readTree(exported.resolve("bundle.json").toFile());
        for (int n = 0; n < 3; n++) {
            JsonNode plain = bundle.at("/goldenSamples/" + n);
            for (int variant = 1; variant < 3; variant++) {
                JsonNode sample = bundle.at("/goldenSamples/" + (n + 3 * variant));
                assertThat(sample.get("variant").asText()).isEqualTo(variant == 1 ? "int8" : "fp16");
                assertThat(sample.path("text")).isEqualTo(plain.path("text"));
                assertThat(exported.resolve(sample.get("textEmbedding").asText()))
                        .hasSameBinaryContentAs(exported.resolve(plain.get("textEmbedding").asText()));
            }
        }
        JsonNode row = new ObjectMapper().readTree(done("evaluate", exported.toString(), "--json", "--images", "40").out());
        assertThat(row.at("/figures/bits_per_code_int8").asDouble())
                .isCloseTo(row.get("value").asDouble(), withinPercentage(5))
                .isNotEqualTo(row.get("value").asDouble());
    }

    @Test
    void judgeSaysWhetherCaptionsAreDrawn() throws IOException {
        String run = directory.resolve("clip").toString();
        done("train", "tiny-clip", "--out", run, "--steps", "10", "--precision", "fp32");
        done("export", run, "--out", models);
        String judge = models + "/tiny-clip";
        JsonNode row = new ObjectMapper().readTree(
                done("evaluate", model, "--json", "--images", "40", "--judge", judge, "--candidates", "2").out());
        assertThat(row.get("metric").asText()).isEqualTo("bits_per_code");
        JsonNode figures = row.get("figures");
        double score = figures.get("clip_score").asDouble();
        double another = figures.get("clip_score_shuffled_captions").asDouble();
        assertThat(figures.get("clip_score_margin").asDouble()).isCloseTo(score - another, within(1e-9));
        assertThat(figures.get("clip_score_margin_standard_error").asDouble()).isPositive();
        assertThat(figures.get("clip_score_best_of_2").asDouble()).isBetween(score, 100.0);
        assertThat(figures.get("real_clip_score").asDouble()).isBetween(-100.0, 100.0);
        assertThat(figures.has("real_clip_score_best_of_2")).isFalse();
        assertThat(figures.get("seen_clip_score").asDouble()).isBetween(-100.0, 100.0);
        assertThat(figures.get("seen_right_scene").asDouble()).isBetween(0.0, 100.0);
        assertThat(figures.get("chance_right_caption").asDouble()).isCloseTo(100.0 / 40, within(1e-9));
        assertThat(row.get("protocols").get("seen_clip_score").asText()).contains("40 training images");
        for (String what : new String[] {"colour", "shape", "relation", "scene"}) {
            assertThat(figures.get("right_" + what).asDouble()).isBetween(0.0, 100.0);
            assertThat(figures.get("real_right_" + what).asDouble()).isBetween(0.0, 100.0);
            assertThat(figures.get("right_" + what + "_best_of_2").asDouble()).isBetween(0.0, 100.0);
        }
        assertThat(figures.get("chance_right_relation").asDouble()).isEqualTo(25);
        assertThat(figures.get("chance_right_scene").asDouble()).isCloseTo(100.0 / 1104, within(1e-9));
        assertThat(row.get("protocols").get("right_colour").asText())
                .contains("2 images of each of the captions of 40 test images", "guidance 2.0", "tiny-clip/1", "another colour");
    }

    @Test
    void readerCountsWhatItCallsAsTheCaptionDoes() throws IOException {
        String others = directory.resolve("others").toString();
        for (String name : new String[] {"clip", "captioner"}) {
            String run = directory.resolve("read-" + name).toString();
            done("train", "tiny-" + name, "--out", run, "--steps", "2", "--precision", "fp32", "--models", others);
            done("export", run, "--out", others);
        }
        JsonNode row = new ObjectMapper().readTree(done(
                        "evaluate", model, "--json", "--images", "8", "--candidates", "2", "--judge", others + "/tiny-clip",
                        "--reader", others + "/tiny-captioner")
                .out());
        for (String figure : new String[] {"named_caption", "named_caption_best_of_2", "real_named_caption"}) {
            assertThat(row.get("figures").get(figure).asDouble()).isBetween(0.0, 100.0);
            assertThat(row.get("protocols").get(figure).asText())
                    .contains("judged by tiny-clip/1", "called exactly what the caption says by tiny-captioner/1");
        }
        assertThat(row.get("figures").has("seen_named_caption")).isTrue();
        CommandRun mute = CommandRun.of(
                "evaluate", model, "--images", "4", "--judge", others + "/tiny-clip", "--reader", others + "/tiny-clip");
        assertThat(mute.exitCode()).isEqualTo(1);
        assertThat(mute.err()).contains("--reader: tiny-clip does not put images into words");
    }

    @Test
    void whatCannotBeJudgedIsRefused() {
        assertThat(CommandRun.of("evaluate", model, "--reader", model).err()).contains("--reader", "with --judge");
        CommandRun useless = CommandRun.of("evaluate", model, "--guidance", "2");
        assertThat(useless.exitCode()).isEqualTo(2);
        assertThat(useless.err()).contains("with --judge");
        assertThat(CommandRun.of("evaluate", model, "--judge", model, "--candidates", "0").err()).contains("1 to 64");
        CommandRun deaf = CommandRun.of("evaluate", model, "--images", "4", "--judge", models + "/tiny-shapes-vq");
        assertThat(deaf.exitCode()).isEqualTo(1);
        assertThat(deaf.err()).contains("tiny-shapes-vq does not tell how near a text is");
    }

    private static CommandRun sample(String sheet, String... more) {
        String[] arguments = {"sample", model, "--count", "2", "--out", directory.resolve(sheet).toString()};
        String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return CommandRun.of(all);
    }

    @Test
    void sheetHasARowForEveryPromptWhateverItsWords() throws IOException {
        assertThat(sample("one.png", "--prompt", "red circle above blue square").exitCode()).isZero();
        CommandRun all = sample(
                "all.png", "--prompt", "red circle above blue square", "", "zebra \u4e16\u754c \uD83D\uDE00", "--guidance", "3");
        assertThat(all.exitCode()).as(all.err()).isZero();
        int one = ImageIO.read(directory.resolve("one.png").toFile()).getHeight();
        assertThat(ImageIO.read(directory.resolve("all.png").toFile()).getHeight()).isBetween(2 * one + 1, 3 * one);
        assertThat(sample("again.png", "--prompt", "red circle above blue square").exitCode()).isZero();
        assertThat(Files.readAllBytes(directory.resolve("again.png")))
                .isEqualTo(Files.readAllBytes(directory.resolve("one.png")));
    }

    @Test
    void whatCannotBeDrawnIsRefused() {
        CommandRun tooLong = sample("no.png", "--prompt", "red ".repeat(20));
        assertThat(tooLong.exitCode()).isEqualTo(2);
        assertThat(tooLong.err()).contains("--prompt: the text makes 22 tokens", "at most 16");
        CommandRun silent = sample("no.png");
        assertThat(silent.exitCode()).isEqualTo(2);
        assertThat(silent.err()).contains("say what to draw");
        assertThat(sample("no.png", "--prompt", "red", "--guidance", "21").err()).contains("0 to 20");
        assertThat(sample("no.png", "--prompt", "red", "--guidance", "NaN").err()).contains("0 to 20");
        assertThat(sample("no.png", "--prompt", "red", "--class", "square").err()).contains("knows no classes");
        assertThat(directory.resolve("no.png")).doesNotExist();
        CommandRun deaf = CommandRun.of(
                "sample", models + "/tiny-shapes-vq", "--prompt", "red", "--out", directory.resolve("no.png").toString());
        assertThat(deaf.exitCode()).isEqualTo(2);
        assertThat(deaf.err()).contains("models that draw what a text says");
    }

    private static CommandRun done(String... arguments) {
        CommandRun command = CommandRun.of(arguments);
        assertThat(command.exitCode()).as(command.err()).isZero();
        return command;
    }
}
