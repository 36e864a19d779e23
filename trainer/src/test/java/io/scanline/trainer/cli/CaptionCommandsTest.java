package io.scanline.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.util.JsonFormat;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.trainer.export.CaptionSession;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** train, export, evaluate and sample of what puts images into words. */
class CaptionCommandsTest {
    @TempDir
    private static Path directory;

    private static String models;
    private static String model;
    private static String run;

    @BeforeAll
    static void trainAndExport() throws IOException {
        models = directory.resolve("models").toString();
        model = models + "/tiny-captioner";
        run = directory.resolve("captioner").toString();
        String eye = directory.resolve("clip").toString();
        done("train", "tiny-clip", "--out", eye, "--steps", "5", "--precision", "fp32");
        done("export", eye, "--out", models);
        done("train", "tiny-captioner", "--models", models, "--out", run, "--steps", "60", "--precision", "fp32");
        assertThat(done("export", run, "--out", models).out()) // which needs no CLIP
                .contains("tolerated difference", "logits", "stepped logits", "exact_match", "scanline-server.jar serve");
    }

    @Test
    void bundleSaysHowItsGraphsAreUsed() throws IOException {
        Bundle.Builder bundle = Bundle.newBuilder();
        JsonFormat.parser().merge(Files.readString(Path.of(model, "1", "bundle.json")), bundle);
        assertThat(bundle.getGraphsList()).extracting("role").containsExactly("image_prefix", "text_step");
        assertThat(bundle.getCaptioning().getPrefix()).isEqualTo(17); // 4 x 4 patches, and the class token before them
        assertThat(bundle.getCaptioning().getWidth()).isEqualTo(32);
        assertThat(bundle.getTextInput().getContext()).isEqualTo(16);
        assertThat(bundle.getGraphs(1).getState().getKeyValueCache().getPositions()).isEqualTo(17 + 16);
        assertThat(bundle.getGraphs(1).getTensorsMap()).containsKeys("vector", "token", "position", "logits", "past_key.1");
        assertThat(bundle.getGraphs(0).hasState()).isFalse();
        assertThat(bundle.getPictureInput().getBackground()).isEqualTo(255);
        JsonNode tokenizer = new ObjectMapper().readTree(Path.of(model, "1", "tokenizer.json").toFile());
        assertThat(bundle.getCaptioning().getVocabulary()).isEqualTo(tokenizer.at("/model/vocab").size());
        assertThat(tokenizer.at("/model/vocab/[START]").asInt()).isEqualTo(bundle.getCaptioning().getBegin());
        assertThat(tokenizer.at("/model/vocab/[END]").asInt()).isEqualTo(bundle.getCaptioning().getEnd());
        assertThat(Files.readString(Path.of(run, "recipe.yaml")))
                .containsPattern(Pattern.compile("    bundle: tiny-clip/1\\n    digest: [0-9a-f]{64}\\n"));
        assertThat(Path.of(model, "1", "preview.png")).isNotEmptyFile();
    }

    @Test
    void goldenSamplesAreSaidAgain() throws Exception {
        StoredBundle stored = StoredBundle.read(Path.of(model));
        assertThat(stored.bundle().getGoldenSamplesList()).hasSize(3);
        try (CaptionSession session = new CaptionSession(stored)) {
            for (GoldenSample sample : stored.bundle().getGoldenSamplesList()) {
                byte[] pixels = Files.readAllBytes(Path.of(model, "1", sample.getPixels()));
                CaptionSession.Said said = session.say(List.of(pixels)).get(0);
                ByteBuffer ids = read(sample.getTextTokens());
                assertThat(said.ids()).hasSize(ids.remaining() / Integer.BYTES);
                for (int id : said.ids()) {
                    assertThat(ids.getInt()).isEqualTo(id);
                }
                ByteBuffer logits = read(sample.getLogits());
                assertThat(said.logits()).hasDimensions(
                        said.ids().length - 1, stored.bundle().getCaptioning().getVocabulary());
                assertThat(logits.remaining() / Float.BYTES).isEqualTo(said.logits().length * said.logits()[0].length);
                assertThat(logits.getFloat()).isEqualTo(said.logits()[0][0]);
                assertThat(session.text(said.ids())).isEqualTo(sample.getText()).doesNotContain("[START]", "[END]");
            }
            byte[] one = Files.readAllBytes(Path.of(model, "1", "golden/0.pixels"));
            byte[] two = Files.readAllBytes(Path.of(model, "1", "golden/1.pixels"));
            assertThat(session.say(List.of(two, one, two)).get(1).ids()).isEqualTo(session.say(List.of(one)).get(0).ids());
        }
    }

    private static ByteBuffer read(String path) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(Path.of(model, "1", path))).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void evaluationStandsBesideTheMostFrequentCaption() throws IOException {
        Path rows = directory.resolve("rows.jsonl");
        JsonNode row = new ObjectMapper().readTree(done("evaluate", model, "--json", "--record", rows.toString()).out());
        assertThat(row.get("family").asText()).isEqualTo("captioner");
        assertThat(row.get("metric").asText()).isEqualTo("exact_match");
        assertThat(row.get("unit").asText()).isEqualTo("%");
        assertThat(row.get("floor").asDouble()).isZero(); // no test image shows what a training image shows
        assertThat(row.get("protocol").asText()).contains("captioned-shapes test set: all 276 images");
        double words = row.at("/figures/word_f1").asDouble();
        assertThat(words).isBetween(5.0, 100.0);
        assertThat(row.at("/figures/chance_word_f1").asDouble()).isBetween(5.0, 90.0);
        assertThat(row.get("protocols").get("chance_word_f1").asText()).contains("always saying \"");
        Bundle bundle = StoredBundle.read(Path.of(model)).bundle();
        assertThat(words).isCloseTo(bundle.getMetrics(2).getValue(), within(1e-9));
        assertThat(done("evaluate", model, "--images", "20").out()).contains("the first 20 images");
        assertThat(done("evaluate", model, "--stored").out()).contains("exact_match");
    }

    @Test
    void sheetHasARowForEveryImage() throws IOException {
        Path sheet = directory.resolve("sheet.png");
        done("sample", model, "--count", "3", "--out", sheet.toString());
        assertThat(ImageIO.read(sheet.toFile()).getHeight()).isBetween(3 * 64, 4 * 64);
        CommandRun wrong = CommandRun.of("sample", model, "--class", "square", "--out", sheet.toString());
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("draws no images");
    }

    @Test
    void anotherEyeIsRefused() throws IOException {
        String recipe = directory.resolve("wide.yaml").toString();
        String text = Recipe.load("tiny-captioner").text();
        Files.writeString(Path.of(recipe), text.replaceFirst("width: 32", "width: 48"));
        String out = directory.resolve("wide").toString();
        CommandRun wide = CommandRun.of("train", recipe, "--models", models, "--out", out);
        assertThat(wide.exitCode()).isEqualTo(1);
        assertThat(wide.err()).contains("tiny-clip/1 is not what the recipe says", "image.patches.weight");
        CommandRun none = CommandRun.of("train", "tiny-captioner", "--models", directory.resolve("none").toString());
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.err()).hasLineCount(1).contains("tiny-clip/1", "--models");
        Path other = directory.resolve("others");
        String eye = directory.resolve("eye").toString();
        done("train", "tiny-clip", "--out", eye, "--steps", "2", "--precision", "fp32");
        done("export", eye, "--out", other.toString());
        CommandRun resumed = CommandRun.of("train", "tiny-captioner", "--models", other.toString(), "--out", run);
        assertThat(resumed.exitCode()).isEqualTo(1);
        assertThat(resumed.err()).hasLineCount(1).contains("another tiny-clip/1", "--out");
    }

    private static CommandRun done(String... arguments) {
        CommandRun command = CommandRun.of(arguments);
        assertThat(command.exitCode()).as(Stream.of(arguments).toList() + command.err()).isZero();
        return command;
    }
}
