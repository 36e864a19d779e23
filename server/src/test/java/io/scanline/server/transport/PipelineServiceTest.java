package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.PipelineBundle;
import io.scanline.server.engine.TinyBundle;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.Finished;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.GetModelRequest;
import io.scanline.v1.ImageResult;
import io.scanline.v1.ListModelsRequest;
import io.scanline.v1.Model;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.ModelServiceGrpc;
import io.scanline.v1.ModelState;
import io.scanline.v1.OnDisconnect;
import io.scanline.v1.PipelineStage;
import io.scanline.v1.ResumeRequest;
import io.scanline.v1.ResumeResponse;
import io.scanline.v1.StageTime;
import io.scanline.v1.Started;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real stubs against a pipeline of real graphs, their weights being random. */
@Timeout(60)
class PipelineServiceTest {
    private static final String PIPELINE = "picture";
    private static final String BROKEN = "broken";

    private static DecodingEngine engine;
    private static TestServer server;
    private static GenerationServiceGrpc.GenerationServiceBlockingStub generation;

    @BeforeAll
    static void start(@TempDir Path repository) throws Exception {
        TinyBundle.copyOf(TinyBundle.TEXT_PRIOR, repository, TinyBundle.TEXT_PRIOR);
        TinyBundle.copyOf(PipelineBundle.JUDGE, repository, PipelineBundle.JUDGE);
        PipelineBundle.write(repository, PIPELINE, TinyBundle.TEXT_PRIOR, PipelineBundle.JUDGE, bundle -> {});
        PipelineBundle.write(repository, BROKEN, TinyBundle.TEXT_PRIOR, null, bundle -> bundle.getPipelineBuilder()
                .getStagesBuilderList()
                .forEach(stage -> stage.setDigest("sha256:" + "0".repeat(64))));
        engine = DecodingEngine.open(
                new EngineConfig(repository, 4, 64, 16, 1, 1 << 20), new SimpleMeterRegistry());
        server = new TestServer(engine);
        generation = GenerationServiceGrpc.newBlockingStub(server.channel);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
        engine.close();
    }

    private static GenerateRequest.Builder request(int count) {
        return TestServer.request(CadenceMode.CADENCE_MODE_PIXEL)
                .setModel(ModelSelector.newBuilder().setName(PIPELINE))
                .setPrompt("a red cat")
                .setGuidance(1)
                .setSeed(5)
                .setCount(count);
    }

    private static List<GenerateResponse> events(GenerateRequest.Builder request) {
        List<GenerateResponse> events = new ArrayList<>();
        generation.withDeadlineAfter(30, TimeUnit.SECONDS).generate(request.build()).forEachRemaining(events::add);
        return events;
    }

    private static Finished last(List<GenerateResponse> events) {
        return events.get(events.size() - 1).getFinished();
    }

    private static void assertRanked(Finished finished, int count) {
        assertThat(finished.getImagesList()).hasSize(count).allMatch(ImageResult::hasPromptLikeness);
        List<ImageResult> best = finished.getImagesList().stream()
                .sorted(Comparator.comparing(ImageResult::getPromptLikeness).reversed())
                .toList();
        for (int place = 0; place < count; place++) {
            assertThat(best.get(place).getRank()).isEqualTo(place + 1);
        }
    }

    @Test
    void pipelineIsListedWithItsStages() {
        List<Model> models = ModelServiceGrpc.newBlockingStub(server.channel)
                .listModels(ListModelsRequest.getDefaultInstance())
                .getModelsList();
        assertThat(models).extracting(Model::getName)
                .containsExactly(BROKEN, PIPELINE, PipelineBundle.JUDGE, TinyBundle.TEXT_PRIOR);
        Model pipeline = models.get(1);
        Model prior = models.get(3);
        assertThat(pipeline.getState()).isEqualTo(ModelState.MODEL_STATE_SERVING);
        assertThat(pipeline.getStagesList()).extracting(PipelineStage::getName)
                .containsExactly("read", "draw", "paint", "prompt", "look");
        assertThat(pipeline.getStages(4).getModel().getName()).isEqualTo(PipelineBundle.JUDGE);
        assertThat(pipeline.getStages(4).getModel().getVersion()).isEqualTo("1");
        assertThat(pipeline.getStages(4).getRole()).isEqualTo("image_encoder");
        assertThat(pipeline.getGeometry()).isEqualTo(prior.getGeometry());
        assertThat(pipeline.getSteps()).isEqualTo(prior.getSteps());
        assertThat(pipeline.getSlots()).isEqualTo(prior.getSlots());
        assertThat(pipeline.getPrompt()).isEqualTo(prior.getPrompt());
        assertThat(pipeline.getBundleDigest()).isNotEqualTo(prior.getBundleDigest());
        assertThat(prior.getStagesList()).isEmpty();
        assertThat(models.get(0).getNotServingReason()).startsWith("BUNDLE_STAGE_MISMATCH: tiny-text-prior/1");
    }

    @Test
    void healthSaysWhetherItServes() {
        assertThat(health(PIPELINE)).isEqualTo(ServingStatus.SERVING);
        assertThat(health(BROKEN + "/1")).isEqualTo(ServingStatus.NOT_SERVING);
    }

    private static ServingStatus health(String name) {
        return HealthGrpc.newBlockingStub(server.channel)
                .check(HealthCheckRequest.newBuilder().setService(name).build()).getStatus();
    }

    @Test
    void streamIsThatOfThePriorAndItsEndSaysTheRanks() {
        List<GenerateResponse> events = events(request(3));
        Started started = events.get(0).getStarted();
        Model model = ModelServiceGrpc.newBlockingStub(server.channel)
                .getModel(GetModelRequest.newBuilder()
                        .setModel(ModelSelector.newBuilder().setName(PIPELINE)).build())
                .getModel();
        assertThat(started.getModel().getName()).isEqualTo(PIPELINE);
        assertThat(started.getBundleDigest()).isEqualTo(model.getBundleDigest());
        assertThat(started.getCodes().getCodes()).isEqualTo(16);
        assertThat(started.getPrompt().getGuidance()).isEqualTo(1);
        assertThat(events).anyMatch(GenerateResponse::hasTokens).anyMatch(GenerateResponse::hasPixels);
        assertRanked(last(events), 3);
        assertThat(last(events).getStagesList()).extracting(StageTime::getStage)
                .containsExactly("read", "draw", "paint", "prompt", "look");
        assertThat(last(events).getStages(1).getRuns()).isEqualTo(12);
        List<GenerateResponse> prior = events(request(3)
                .setModel(ModelSelector.newBuilder().setName(TinyBundle.TEXT_PRIOR)));
        assertThat(last(prior).getImagesList()).extracting(ImageResult::getSha256)
                .isEqualTo(last(events).getImagesList().stream().map(ImageResult::getSha256).toList());
        assertThat(last(prior).getImagesList()).noneMatch(ImageResult::hasPromptLikeness)
                .allMatch(image -> image.getRank() == 0);
        assertThat(last(prior).getStagesList()).isEmpty();
    }

    /** What can be asked of a generation while it is held. */
    private interface Question<T> {
        T ask(String id);
    }

    /** Asks it of a generation whose stream broke; of another one if it was read to its end before that. */
    private static <T> T ofHeld(Question<T> question) throws Exception {
        for (int attempt = 0; attempt < 100; attempt++) {
            StreamReader reader = StreamReader.eager();
            server.generation().generate(
                    request(16).setOnDisconnect(OnDisconnect.ON_DISCONNECT_FINISH_AND_HOLD).build(), reader);
            String id = reader.next().getStarted().getGenerationId();
            reader.cancel();
            try {
                return question.ask(id);
            } catch (StatusRuntimeException ended) {
                assertThat(ended.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
            }
        }
        throw new AssertionError("no stream broke in time");
    }

    @Test
    void heldPipelineIsReadOn() throws Exception {
        List<ResumeResponse> events = ofHeld(id -> {
            List<ResumeResponse> rest = new ArrayList<>();
            generation.resume(ResumeRequest.newBuilder().setGenerationId(id).setWhole(true).build())
                    .forEachRemaining(rest::add);
            return rest;
        });
        Finished finished = events.get(events.size() - 1).getResponse().getFinished();
        assertRanked(finished, 16);
        assertThat(finished.getImagesList()).extracting(ImageResult::getPromptLikeness)
                .isEqualTo(last(events(request(16))).getImagesList().stream()
                        .map(ImageResult::getPromptLikeness).toList());
    }

    @Test
    void forkOfAPipelineIsRanked() throws Exception {
        List<GenerateResponse> events = ofHeld(id -> {
            GenerateRequest.Builder fork = GenerateRequest.newBuilder().setCount(2).setSeed(9).setGuidance(1);
            fork.getForkBuilder().setGenerationId(id).setImageIndex(1).setSteps(0);
            return events(fork);
        });
        assertThat(events.get(0).getStarted().getModel().getName()).isEqualTo(PIPELINE);
        assertRanked(last(events), 2);
    }

    @Test
    void pipelineThatDoesNotServeRefuses() throws Exception {
        StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class,
                () -> events(request(1).setModel(ModelSelector.newBuilder().setName(BROKEN))));
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(ErrorDetails.of(refused).reason()).isEqualTo("MODEL_NOT_SERVING");
    }
}
