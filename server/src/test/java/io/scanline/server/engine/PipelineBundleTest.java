package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.File;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.Stage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Descriptions of pipelines: what is read, and what is refused in words that say why. */
class PipelineBundleTest {
    private static final String PRIOR = TinyBundle.PRIOR;
    private static final String JUDGE = PipelineBundle.JUDGE;

    @TempDir
    private Path repository;

    @BeforeEach
    void copy() throws IOException {
        TinyBundle.copyOf(PRIOR, repository, PRIOR);
        TinyBundle.copyOf(JUDGE, repository, JUDGE);
    }

    private VerifiedBundle read(String ranker, Consumer<Bundle.Builder> change) throws Exception {
        return BundleReader.read(PipelineBundle.write(repository, "picture", PRIOR, ranker, change), 1 << 20);
    }

    private void assertRefused(Consumer<Bundle.Builder> change, String words) {
        assertThatThrownBy(() -> read(JUDGE, change))
                .hasMessageContaining(words)
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.BUNDLE_DESCRIPTION_INVALID));
    }

    private void assertStageRefused(int stage, Consumer<Stage.Builder> change, String words) {
        assertRefused(bundle -> change.accept(bundle.getPipelineBuilder().getStagesBuilder(stage)), words);
    }

    @Test
    void pipelinesWithAndWithoutRankingAreRead() throws Exception {
        Bundle ranks = read(JUDGE, bundle -> {}).bundle();
        assertThat(PipelineDescription.prior(ranks).model()).isEqualTo(PRIOR + "/1");
        assertThat(PipelineDescription.ranker(ranks).orElseThrow().model()).isEqualTo(JUDGE + "/1");
        assertThat(PipelineDescription.ranker(read(null, bundle -> {}).bundle())).isEmpty();
    }

    @Test
    void whatItsModelsSayItDoesNotSayItself() {
        assertRefused(bundle -> bundle.addGraphs(Graph.getDefaultInstance()), "no graphs");
        assertRefused(bundle -> bundle.addFiles(File.getDefaultInstance()), "no files");
        assertRefused(bundle -> bundle.addGoldenSamplesBuilder(), "no goldenSamples");
        assertRefused(bundle -> bundle.getAutoregressionBuilder().setSteps(12), "no autoregression");
        assertRefused(bundle -> bundle.getConditioningBuilder().addClassNames("cat"), "no conditioning");
    }

    @Test
    void rolesAreThoseOfTheOneKindThatIsKnown() {
        String known = "this server knows [text_condition, step, decoder]";
        assertRefused(bundle -> bundle.getPipelineBuilder().clearStages(), "pipeline.stages is 0; it must be 2 to 16");
        assertRefused(bundle -> bundle.getPipelineBuilder().removeStages(4), known);
        assertRefused(bundle -> bundle.getPipelineBuilder().removeStages(0), known);
        assertRefused(bundle -> {
            Stage again = bundle.getPipeline().getStages(4).toBuilder().setName("again").build();
            bundle.getPipelineBuilder().addStages(again);
        }, known);
        assertStageRefused(2, stage -> stage.setRole("generator"), known);
    }

    @Test
    void stagesHaveNamesOfTheirOwn() {
        assertStageRefused(1, stage -> stage.setName("read"), "two stages of the name \"read\"");
        assertStageRefused(1, stage -> stage.setName("Draw"), "[a-z0-9-]");
        assertStageRefused(1, stage -> stage.setName(""), "[a-z0-9-]");
    }

    @Test
    void stagesNameOneBundleEach() {
        assertStageRefused(0, stage -> stage.setModel("../tiny-prior/1"), "NAME/VERSION");
        assertStageRefused(0, stage -> stage.setModel("tiny-prior"), "NAME/VERSION");
        assertStageRefused(4, stage -> stage.setDigest("sha256:12"), "64 lower-case hexadecimal digits");
        assertStageRefused(2, stage -> stage.setModel("tiny-tokens/1"), "read and paint must be of one bundle");
        assertStageRefused(4, stage -> stage.setModel("tiny-clip/1"), "prompt and look must be of one bundle");
        assertStageRefused(1, stage -> stage.setDigest("sha256:" + "0".repeat(64)), "must be of one bundle");
    }

    @Test
    void inputsComeFromWhereTheyMust() {
        String prompt = "{lengths=request.prompt, tokens=request.prompt}";
        assertStageRefused(0, stage -> stage.removeInputs("lengths"), prompt);
        assertStageRefused(1, Stage.Builder::clearInputs, "the inputs of stage draw, a step, must be {condition=read.");
        assertStageRefused(1, stage -> stage.putInputs("label", "request.prompt"), "{condition=read.condition}");
        assertStageRefused(2, stage -> stage.putInputs("tokens", "read.tokens"), "{tokens=draw.tokens}");
        assertStageRefused(4, stage -> stage.putInputs("image", "draw.image"), "{image=paint.image}");
    }

    @Test
    void otherFaultsAreThoseOfEveryBundle() {
        assertRefused(bundle -> bundle.setFormat(2), "format is 2");
        assertRefused(bundle -> bundle.setName("other"), "the directory is another one");
        assertRefused(bundle -> bundle.getGeometryBuilder().setLevels(3), "geometry.levelValues");
    }

    private Reason checked(Path directory) {
        try {
            BundleCheck.check(directory, EngineConfig.defaults(repository));
            return null;
        } catch (EngineException fault) {
            return fault.reason();
        }
    }

    /** Refused by the check of its directory, and by the engine for the same reason, which serves the others. */
    private void assertNotServing(Path pipeline, Reason reason, String words) throws EngineException {
        assertThat(checked(pipeline)).isEqualTo(reason);
        EngineConfig config = new EngineConfig(repository, 1, 1, 1, 1, 1 << 20);
        try (DecodingEngine engine = DecodingEngine.open(config, new SimpleMeterRegistry())) {
            EngineException why = engine.model("picture", "").failure().orElseThrow();
            assertThat(why.reason()).isEqualTo(reason);
            assertThat(why).hasMessageContaining(words);
            assertThat(engine.model(JUDGE, "").serving()).isTrue();
        }
    }

    @Test
    void pipelineOfAModelThatIsNotThereDoesNotServe() throws Exception {
        Path pipeline = PipelineBundle.write(repository, "picture", PRIOR, JUDGE, bundle -> {
            for (int stage = 0; stage < 3; stage++) {
                bundle.getPipelineBuilder().getStagesBuilder(stage).setModel("tiny-prior/2");
            }
        });
        assertNotServing(pipeline, Reason.BUNDLE_STAGE_MISSING, "there is no tiny-prior/2");
    }

    @Test
    void pipelineOfAnotherDigestDoesNotServe() throws Exception {
        Path pipeline = PipelineBundle.write(repository, "picture", PRIOR, JUDGE, bundle -> {});
        TinyBundle.edit(repository.resolve(PRIOR).resolve("1"), bundle -> bundle.setFamily("other"));
        assertNotServing(pipeline, Reason.BUNDLE_STAGE_MISMATCH, "another bundle than the pipeline was made of");
    }

    @Test
    void pipelineOfAModelThatDoesNotServeDoesNotServe() throws Exception {
        TinyBundle.edit(repository.resolve(PRIOR).resolve("1"), bundle -> bundle.setFormat(2));
        Path pipeline = PipelineBundle.write(repository, "picture", PRIOR, JUDGE, bundle -> {});
        assertNotServing(
                pipeline, Reason.BUNDLE_STAGE_MISSING, "tiny-prior/1, which the pipeline is made of, does not serve");
    }

    @Test
    void priorThatReadsNoTextDoesNotFit() throws Exception {
        Path pipeline = PipelineBundle.write(repository, "picture", PRIOR, JUDGE, bundle -> {});
        assertNotServing(pipeline, Reason.BUNDLE_STAGE_MISMATCH, "no prior over codes that draws what a text says");
    }

    @Test
    void pipelineOfAPipelineDoesNotServe() throws Exception {
        PipelineBundle.write(repository, "inner", PRIOR, null, bundle -> {});
        Path pipeline = PipelineBundle.write(repository, "picture", "inner", JUDGE, bundle -> {});
        assertNotServing(pipeline, Reason.BUNDLE_STAGE_MISMATCH, "is a pipeline itself");
    }

    @Test
    void levelsAreThoseOfAPictureOfTheImage() {
        Bundle judge = TinyBundle.verified(JUDGE).bundle(); // 16 levels
        Bundle prior = TinyBundle.verified(PRIOR).bundle(); // 256 levels
        byte[] image = {0, 15, 16, 127, (byte) 128, (byte) 239, (byte) 240, (byte) 255};
        assertThat(new LevelMap(prior.getGeometry(), judge).map(image)).containsExactly(0, 0, 1, 7, 8, 14, 15, 15);
        assertThat(new LevelMap(judge.getGeometry(), judge).map(image)).isSameAs(image);
        Bundle uneven = prior.toBuilder()
                .setGeometry(prior.getGeometry().toBuilder()
                        .setLevels(2)
                        .setLevelValues(ByteString.copyFrom(new byte[] {100, (byte) 200})))
                .build();
        assertThat(new LevelMap(uneven.getGeometry(), judge).map(new byte[] {0, 1})).containsExactly(6, 12);
        assertThat(new LevelMap(prior.getGeometry(), uneven).map(new byte[] {0, (byte) 150, (byte) 151}))
                .containsExactly(0, 0, 1);
    }
}
