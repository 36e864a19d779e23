package io.scanline.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.JsonFormat;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Dataset;
import io.scanline.bundle.v1.File;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.Stage;
import io.scanline.trainer.data.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pipelines of bundles whose graphs nobody runs. */
class PipelineCommandTest {
    @TempDir
    private Path models;

    @BeforeEach
    void writeModels() throws IOException {
        prior("drawer", bundle -> {});
        embedding("judge", bundle -> {}, "image_encoder", "text_encoder");
    }

    private static ImageGeometry.Builder geometry(int levels) {
        return ImageGeometry.newBuilder()
                .setWidth(6)
                .setHeight(8)
                .setChannels(3)
                .setLevels(levels)
                .setLevelValues(ByteString.copyFrom(new byte[levels]));
    }

    private void prior(String name, Consumer<Bundle.Builder> change) throws IOException {
        write(name, bundle -> {
            bundle.setFamily("token-prior").setGeometry(geometry(256)).setParameters(1000).setRecommendedTemperature(0.75f);
            bundle.getAutoregressionBuilder().setSteps(12);
            bundle.getLatentBuilder().setKind(LatentKind.LATENT_KIND_TOKENS).addShape(4).addShape(3).setCodes(16);
            bundle.getConditioningBuilder().getTextBuilder().setWidth(6);
            bundle.addDatasets(Dataset.newBuilder().setName("shapes"));
            change.accept(bundle);
        }, "text_condition", "step", "encoder", "decoder");
    }

    private void embedding(String name, Consumer<Bundle.Builder> change, String... roles) throws IOException {
        write(name, bundle -> {
            bundle.setFamily("clip").setGeometry(geometry(16)).setParameters(30);
            bundle.getEmbeddingBuilder().setDimensions(8);
            bundle.addDatasets(Dataset.newBuilder().setName("shapes"));
            change.accept(bundle);
        }, roles);
    }

    private void write(String name, Consumer<Bundle.Builder> change, String... roles) throws IOException {
        Path directory = Files.createDirectories(models.resolve(name).resolve("1"));
        Bundle.Builder bundle = Bundle.newBuilder().setFormat(1).setName(name).setVersion("1");
        change.accept(bundle);
        for (String role : roles) {
            Path file = Files.writeString(directory.resolve(role + ".onnx"), role);
            bundle.addGraphs(Graph.newBuilder().setRole(role).setVariant("fp32").setFile(role + ".onnx"));
            bundle.addFiles(File.newBuilder()
                    .setPath(role + ".onnx").setBytes(Files.size(file)).setSha256(Sha256.of(file)));
        }
        Files.writeString(directory.resolve("bundle.json"), JsonFormat.printer().print(bundle));
    }

    private CommandRun pipeline(String name, String prior, String ranker) {
        String drawing = models.resolve(prior).toString();
        String directory = models.toString();
        return ranker == null
                ? CommandRun.of("pipeline", "--name", name, "--prior", drawing, "--out", directory)
                : CommandRun.of("pipeline", "--name", name, "--prior", drawing, "--rank",
                        models.resolve(ranker).toString(), "--models", directory);
    }

    private Bundle written(String name) throws IOException {
        Bundle.Builder bundle = Bundle.newBuilder();
        JsonFormat.parser().merge(Files.readString(models.resolve(name).resolve("1").resolve("bundle.json")), bundle);
        return bundle.build();
    }

    private void assertRefused(CommandRun run, String words) {
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).hasLineCount(1).contains(words);
        assertThat(models.resolve("picture")).doesNotExist();
    }

    @Test
    void pipelineNamesItsModelsByTheirDigests() throws IOException {
        CommandRun run = pipeline("picture", "drawer", "judge");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("bundle: " + models.resolve("picture/1"), "scanline-server.jar serve");
        Bundle bundle = written("picture");
        assertThat(bundle.getFamily()).isEqualTo("text-to-image");
        assertThat(bundle.getParameters()).isEqualTo(1030);
        assertThat(bundle.getGeometry()).isEqualTo(written("drawer").getGeometry());
        assertThat(bundle.getRecommendedTemperature()).isEqualTo(0.75f);
        assertThat(bundle.getDatasetsList()).hasSize(1);
        assertThat(bundle.getProvenance().getTool()).isEqualTo("scanline-trainer");
        assertThat(bundle.getFilesList()).isEmpty();
        assertThat(bundle.getPipeline().getStagesList()).extracting(Stage::getRole)
                .containsExactly("text_condition", "step", "decoder", "text_encoder", "image_encoder");
        assertThat(bundle.getPipeline().getStagesList()).extracting(Stage::getModel)
                .containsExactly("drawer/1", "drawer/1", "drawer/1", "judge/1", "judge/1");
        Stage ranking = bundle.getPipeline().getStages(4);
        assertThat(ranking.getDigest())
                .isEqualTo("sha256:" + Sha256.of(models.resolve("judge").resolve("1").resolve("bundle.json")));
        assertThat(ranking.getInputsMap()).isEqualTo(Map.of("image", "decoder.image"));
        assertThat(bundle.getPipeline().getStages(0).getInputsMap())
                .isEqualTo(Map.of("tokens", "request.prompt", "lengths", "request.prompt"));
    }

    @Test
    void withoutRankingItHasTheStagesOfItsPrior() throws IOException {
        assertThat(pipeline("picture", "drawer/1", null).exitCode()).isZero();
        assertThat(written("picture").getPipeline().getStagesList()).hasSize(3);
    }

    @Test
    void samePartsMakeTheSameBundle() throws IOException {
        pipeline("picture", "drawer", "judge");
        Path json = models.resolve("picture").resolve("1").resolve("bundle.json");
        String first = Files.readString(json);
        pipeline("picture", "drawer", "judge");
        assertThat(Files.readString(json)).isEqualTo(first);
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException {
        prior("classes", bundle -> bundle.getConditioningBuilder().clearText().addClassNames("cat"));
        assertRefused(pipeline("picture", "classes", "judge"), "a prior over codes that draws what a text says");
        assertRefused(pipeline("picture", "judge", null), "judge/1 is of the family clip");
        embedding("blind", bundle -> {}, "image_encoder");
        assertRefused(pipeline("picture", "drawer", "blind"), "a model that embeds images and texts");
        embedding("small", bundle -> bundle.getGeometryBuilder().setWidth(5), "image_encoder", "text_encoder");
        assertRefused(pipeline("picture", "drawer", "small"), "draws images of 6 x 8 x 3 values, and small/1 embeds those");
        assertRefused(pipeline("Picture", "drawer", "judge"), "[a-z0-9-]");
        assertRefused(pipeline("picture", "nobody", "judge"), "this is not a bundle");
    }

    @Test
    void modelsThatLieElsewhereAreRefused(@TempDir Path elsewhere) {
        CommandRun run = CommandRun.of("pipeline", "--name", "picture", "--prior", models.resolve("drawer").toString(),
                "--out", elsewhere.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("drawer/1 is not in " + elsewhere);
    }

    @Test
    void pipelineIsNoPartOfAnother() {
        pipeline("inner", "drawer", "judge");
        assertRefused(pipeline("picture", "inner", "judge"), "is a pipeline, which has no graphs of its own");
    }
}
