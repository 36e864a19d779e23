package io.scanline.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Dataset;
import io.scanline.bundle.v1.File;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.Metric;
import io.scanline.bundle.v1.Provenance;
import io.scanline.trainer.evaluation.Likelihood;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTableTest {
    @TempDir
    private Path directory;

    private static Bundle bundle(String recipe, String version, Metric... figures) throws IOException {
        Recipe.Source source = Recipe.load(recipe);
        return Bundle.newBuilder()
                .setName(recipe)
                .setVersion(version)
                .setFamily(source.recipe().family())
                .setParameters(1_234_567)
                .setGeometry(ImageGeometry.newBuilder()
                        .setWidth(28)
                        .setHeight(28)
                        .setChannels(1)
                        .setLevels(source.recipe().levels()))
                .addDatasets(Dataset.newBuilder().setName("mnist").setLicence("CC-BY-SA-3.0").setSource("LeCun"))
                .addFiles(File.newBuilder().setPath("preview.png"))
                .addAllMetrics(List.of(figures))
                .setProvenance(Provenance.newBuilder()
                        .setRecipe(source.text())
                        .setSteps(10)
                        .setImages(1_000)
                        .setMinutes(7.4))
                .build();
    }

    private static Metric metric(String name, double value, String unit, String protocol) {
        return Metric.newBuilder()
                .setName(name)
                .setValue(value)
                .setUnit(unit)
                .setProtocol(protocol)
                .build();
    }

    private static ResultRow pixelCnn(String version) throws IOException {
        return ResultRow.stored(bundle(
                "pixel-cnn-mnist",
                version,
                metric("bits_per_dim", Likelihood.bitsPerDim(82.5, 784), "bits/dim", "in bits"),
                metric("negative_log_likelihood", 82.5, "nats/image", "all of it"),
                metric("counted_floor", Likelihood.bitsPerDim(100.37, 784), "bits/dim", "counted")));
    }

    @Test
    void binaryImagesStandInNatsBesideFloorAndPublishedFigure() throws IOException {
        String table = ResultsTable.render(List.of(pixelCnn("1")), "deploy/models/");
        assertThat(table)
                .contains("| `pixel-cnn-mnist/1` | pixel-cnn | mnist | **82.50** nats/image | 100.37 by counting"
                        + " | 81.45 (note 1) | exact, measured at export (note 2) | 1.23 M | 7 (1,000 images)"
                        + " | [picture](deploy/models/pixel-cnn-mnist/1/preview.png) |\n")
                .contains("\n1. EugenHotaj/pytorch-generative, README")
                .contains("\n2. all of it; values binarised by one draw")
                .contains("Data: mnist: LeCun, CC-BY-SA-3.0.");
    }

    @Test
    void whatIsDrawnOfTextsStandsBesideTheBitsAndWhoJudgedItInANote() throws IOException {
        ResultRow row = ResultRow.stored(bundle(
                "tiny-text-prior",
                "1",
                metric("bits_per_code", 3.25, "bits/code", "of codes"),
                metric("bits_per_code_empty_text", 4, "bits/code", "of codes, no text"),
                metric("bits_per_code_shuffled_captions", 4.5, "bits/code", "of codes, others"),
                metric("clip_score", 31.26, "", "by a judge"),
                metric("clip_score_shuffled_captions", 12, "", "by a judge"),
                metric("real_clip_score", 40, "", "by a judge"),
                metric("right_scene", 62.4, "%", "by a judge"),
                metric("real_right_scene", 90, "%", "by a judge")));
        assertThat(ResultsTable.render(List.of(row), ""))
                .contains("**3.250** bits/code, 4.000 given no text, 4.500 given another's, CLIP score 31.3 (note 1),"
                        + " 12.0 with another's caption, 40.0 of real images, scene in 62 %, 90 % of real images |")
                .contains("\n1. by a judge\n");
    }

    @Test
    void whatAnotherVariantOfTheStepsCostsStandsBesideTheFigureInSinglePrecision() throws IOException {
        ResultRow row = ResultRow.stored(bundle(
                "pixel-cnn-mnist",
                "1",
                metric("bits_per_dim", 0.15, "bits/dim", "in bits"),
                metric("negative_log_likelihood", 82.5, "nats/image", "all of it"),
                metric("bits_per_dim", 0.1512, "bits/dim", "some").toBuilder().setVariant("int8").build(),
                metric("likelihood_excess", 0.123, "%", "on some").toBuilder().setVariant("int8").build(),
                metric("likelihood_excess", -0.01, "%", "on few").toBuilder().setVariant("fp16").build()));
        assertThat(row.value()).isEqualTo(82.5);
        assertThat(row.figures()).containsEntry("bits_per_dim", 0.15).containsEntry("bits_per_dim_int8", 0.1512);
        assertThat(row.protocols()).containsEntry("bits_per_dim", "in bits").containsEntry("bits_per_dim_int8", "some");
        assertThat(ResultsTable.render(List.of(row), ""))
                .contains("**82.50** nats/image, +0.12 % in int8 (note 1), -0.01 % in fp16 (note 2) |")
                .contains("\n1. on some\n2. on few\n");
    }

    @Test
    void sharesStandInPerCentBesideWhatGuessingGives() throws IOException {
        ResultRow accuracy = ResultRow.stored(bundle(
                "vit-fashion", "1", metric("accuracy", 91.234, "%", "right"), metric("chance_accuracy", 10, "%", "guessed")));
        ResultRow retrieval = ResultRow.stored(bundle(
                "clip-emoji",
                "1",
                metric("text_to_image_recall_1", 12.5, "%", "found"),
                metric("chance_text_to_image_recall_1", 0.709, "%", "guessed"),
                metric("text_to_image_recall_5", 40, "%", "found"),
                metric("text_to_image_median_rank", 8, "", "found"),
                metric("unseen_style_image_to_text_recall_1", 61, "%", "found")));
        ResultRow captions = ResultRow.stored(bundle(
                "caption-emoji",
                "1",
                metric("unseen_style_exact_match", 21.5, "%", "said"),
                metric("chance_unseen_style_exact_match", 0.085, "%", "guessed"),
                metric("unseen_style_word_f1", 33, "%", "said"),
                metric("exact_match", 1.4, "%", "said"),
                metric("word_f1", 18, "%", "said")));
        assertThat(ResultsTable.render(List.of(captions), ""))
                .contains("**21.5** % unseen style exact match, F1 of its words 33.0, 1.4 of new subjects,"
                        + " F1 of their words 18.0 | 0.1 by guessing | none found | captions, measured at export");
        assertThat(ResultsTable.render(List.of(accuracy, retrieval), ""))
                .contains("**91.2** % accuracy | 10.0 by guessing | none found | classification, measured at export")
                .contains("**12.5** % text to image recall 1, 40.0 at 5, median rank 8,"
                        + " image to text in an unseen style 61.0 | 0.7 by guessing | none found | retrieval");
    }

    @Test
    void boundsWithMoreLatentsStandBesideTheFirst() throws IOException {
        Bundle vae = bundle(
                "vae-mnist",
                "1",
                metric("evidence_bound", 89.1, "nats/image", "p"),
                metric("counted_floor", 100.37, "nats/image", "p"),
                metric("evidence_bound_5000", 86.2, "nats/image", "the first 500"));
        assertThat(ResultsTable.render(List.of(ResultRow.evaluated(vae, "mnist", vae.getMetricsList(), 9, 0.5)), ""))
                .contains("| **89.10** nats/image, 86.20 with 5000 latents (note 1) | 100.37 by counting | 86.77 (note 2)"
                        + " | bound, measured by `evaluate` (note 3) |")
                .contains("\n1. the first 500\n")
                .contains("[picture](vae-mnist/1/preview.png)");
    }

    @Test
    void codesAreSaidWithTheirUse() throws IOException {
        Bundle codes = bundle(
                "vqvae-fashion",
                "1",
                metric("squared_error", 0.0123456, "", "p"),
                metric("psnr", 19.08, "dB", "p"),
                metric("code_usage", 0.98, "share of codes", "p"),
                metric("perplexity", 201.6, "codes", "p"),
                metric("bits_per_image", 392, "bits", "p"));
        assertThat(ResultsTable.render(List.of(ResultRow.stored(codes)), ""))
                .contains("| **0.01235** squared error, 19.1 dB, perplexity 202, 392 bits/image, 98 % of codes used"
                        + " | none | none found | reconstruction, ");
    }

    @Test
    void rowReplacesThatOfItsModelAndRowsAreSorted() throws IOException {
        ResultsFile file = new ResultsFile(directory.resolve("results.jsonl"));
        assertThat(file.read()).isEmpty();
        Bundle vae = bundle("vae-mnist", "1", metric("evidence_bound", 89.1, "nats/image", "p"));
        ResultRow first = ResultRow.stored(vae);
        ResultRow again = ResultRow.evaluated(vae, "mnist", vae.getMetricsList(), 10_000, 1.23456);
        file.put(first);
        file.put(pixelCnn("10"));
        file.put(pixelCnn("9"));
        file.put(again);
        assertThat(file.read()).containsExactly(pixelCnn("9"), pixelCnn("10"), again);
        assertThat(Files.readString(file.path())).hasLineCount(3).endsWith("\n").contains("\"seconds\":1.235}");
        assertThat(directory).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void damagedLineIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("results.jsonl"), pixelCnn("1").json() + "\n{\"model\":1\n");
        assertThatThrownBy(() -> new ResultsFile(file).read())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("line 2");
    }
}
