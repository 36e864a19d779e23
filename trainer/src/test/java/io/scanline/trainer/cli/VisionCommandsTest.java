package io.scanline.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.util.JsonFormat;
import io.scanline.bundle.v1.Bundle;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.export.ImageAnswers;
import io.scanline.trainer.export.StoredBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** train, export, evaluate and sample of what looks at images and draws none. */
class VisionCommandsTest {
    @TempDir
    private Path directory;

    @Test
    void visionTransformer() throws Exception {
        Bundle bundle = export("tiny-vit", 150);
        assertThat(bundle.getGraphsList()).extracting("role").containsExactly("classifier");
        assertThat(bundle.getClassifier().getClassNamesList()).containsExactly("horizontal bar", "vertical bar", "square");
        assertThat(bundle.getPictureInput().getBackground()).isZero();
        assertThat(bundle.hasEmbedding()).isFalse();
        JsonNode row = evaluate("tiny-vit");
        assertThat(row.get("metric").asText()).isEqualTo("accuracy");
        assertThat(row.get("value").asDouble()).isGreaterThan(80); // three shapes
        assertThat(row.get("floor").asDouble()).isCloseTo(33.5, within(1e-9)); // 67 of 200
        CommandRun some = CommandRun.of("evaluate", models("tiny-vit"), "--images", "20");
        assertThat(some.out()).contains("the first 20 of 200 shapes test images, 3 classes");
        sample("tiny-vit");

        ImageAnswers answers = new ImageAnswers(StoredBundle.read(Path.of(models("tiny-vit"))), 2);
        float[] features = answers.features(new SyntheticShapes(8, 8).draw(70, 3));
        assertThat(features).hasSize(70 * 16);
        assertThat(features).isEqualTo(new ImageAnswers(answers.stored(), 1).features(new SyntheticShapes(8, 8).draw(70, 3)));
    }

    @Test
    void clip() throws Exception {
        Bundle bundle = export("tiny-clip", 40);
        assertThat(bundle.getGraphsList()).extracting("role").containsExactly("image_encoder", "text_encoder");
        assertThat(bundle.getEmbedding().getDimensions()).isEqualTo(16);
        assertThat(bundle.getEmbedding().getScale()).isBetween(5f, 100f);
        assertThat(bundle.getEmbedding().getPromptTemplatesList()).containsExactly("{}", "a picture of {}");
        assertThat(bundle.getTextInput().getContext()).isEqualTo(16);
        assertThat(bundle.getFilesList()).extracting("path").contains(bundle.getTextInput().getTokenizer());
        assertThat(bundle.getPictureInput().getBackground()).isEqualTo(255);
        JsonNode row = evaluate("tiny-clip");
        assertThat(row.get("metric").asText()).isEqualTo("text_to_image_recall_1");
        assertThat(row.get("unit").asText()).isEqualTo("%");
        assertThat(row.get("floor").asDouble()).isCloseTo(100.0 / 276, within(1e-9));
        JsonNode figures = row.get("figures");
        assertThat(figures.get("image_to_text_recall_10").asDouble()).isGreaterThan(2 * 1000.0 / 276);
        assertThat(figures.get("image_to_text_median_rank").asDouble()).isLessThan(138);
        assertThat(figures.get("arrangement_accuracy").asDouble()).isBetween(0.0, 100.0);
        CommandRun some = CommandRun.of("evaluate", models("tiny-clip"), "--images", "20");
        assertThat(some.exitCode()).isEqualTo(2);
        assertThat(some.err()).contains("--images").contains("fewer candidates");
        sample("tiny-clip");
    }

    private String models(String recipe) {
        return directory.resolve("models").resolve(recipe).toString();
    }

    private Bundle export(String recipe, int steps) throws IOException {
        String run = directory.resolve("run").toString();
        CommandRun train = CommandRun.of(
                "train", recipe, "--out", run, "--steps", Integer.toString(steps), "--precision", "fp32");
        assertThat(train.exitCode()).as(train.err()).isZero();
        CommandRun export = CommandRun.of("export", run, "--out", directory.resolve("models").toString());
        assertThat(export.exitCode()).as(export.err()).isZero();
        assertThat(export.out()).contains("tolerated difference");
        Path bundle = Path.of(models(recipe), "1");
        assertThat(bundle.resolve("preview.png")).isNotEmptyFile();
        Bundle.Builder description = Bundle.newBuilder();
        JsonFormat.parser().merge(Files.readString(bundle.resolve("bundle.json")), description);
        assertThat(description.hasAutoregression()).isFalse();
        assertThat(description.hasLatent()).isFalse();
        assertThat(description.getGoldenSamplesList()).hasSize(3);
        return description.build();
    }

    private JsonNode evaluate(String recipe) throws IOException {
        Path rows = directory.resolve("rows.jsonl");
        CommandRun run = CommandRun.of("evaluate", models(recipe), "--json", "--record", rows.toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(Files.readString(rows).strip()).isEqualTo(run.out().strip());
        CommandRun stored = CommandRun.of("evaluate", models(recipe), "--stored");
        assertThat(stored.exitCode()).as(stored.err()).isZero();
        return new ObjectMapper().readTree(run.out());
    }

    private void sample(String recipe) throws IOException {
        Path sheet = directory.resolve("sheet.png");
        CommandRun run = CommandRun.of("sample", models(recipe), "--count", "4", "--out", sheet.toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(ImageIO.read(sheet.toFile()).getWidth()).isGreaterThan(4 * 8 * 2);
        CommandRun wrong = CommandRun.of("sample", models(recipe), "--class", "square", "--out", sheet.toString());
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("draws no images");
    }
}
