package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Reason;
import io.scanline.v1.Cadence;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.GetModelRequest;
import io.scanline.v1.ListModelsRequest;
import io.scanline.v1.Model;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.ModelServiceGrpc;
import io.scanline.v1.ModelState;
import io.scanline.v1.ScoreRequest;
import io.scanline.v1.ScoreResponse;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the transport itself refuses, and how it passes on what the engine refuses. */
class RefusalTest {
    private static ScriptedEngine engine;
    private static TestServer server;

    @BeforeAll
    static void start() {
        engine = new ScriptedEngine(4, 4);
        engine.script(ScriptedGeneration::finish);
        server = new TestServer(engine);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
    }

    @AfterEach
    void stillServes() throws Exception {
        engine.refuseWith(null);
        engine.breakDown(false);
        StreamReader reader = StreamReader.eager();
        server.generation().generate(TestServer.request(CadenceMode.CADENCE_MODE_FINAL).build(), reader);
        assertThat(reader.end()).isEqualTo(Status.OK);
    }

    private static void assertRefused(GenerateRequest.Builder request, Status.Code code, String reason, String field)
            throws Exception {
        StreamReader reader = StreamReader.eager();
        server.generation().generate(request.build(), reader);
        assertThat(reader.error().getStatus().getCode()).isEqualTo(code);
        assertThat(ErrorDetails.of(reader.error()).domain()).isEqualTo("scanline");
        assertThat(ErrorDetails.of(reader.error()).reason()).isEqualTo(reason);
        assertThat(ErrorDetails.of(reader.error()).field()).isEqualTo(field);
        assertThat(reader.all()).isEmpty();
    }

    private static GenerateRequest.Builder request() {
        return TestServer.request(CadenceMode.CADENCE_MODE_PIXEL);
    }

    @Test
    void modelNameIsRequired() throws Exception {
        assertRefused(GenerateRequest.newBuilder(), Status.Code.INVALID_ARGUMENT, "FIELD_REQUIRED", "model.name");
    }

    @Test
    void cadenceModeMustBeKnown() throws Exception {
        assertRefused(request().setCadence(Cadence.newBuilder().setModeValue(99)),
                Status.Code.INVALID_ARGUMENT, "ENUM_UNKNOWN", "cadence.mode");
        assertThat(server.registry.get("scanline.rejected").tag("reason", "ENUM_UNKNOWN").counter().count()).isPositive();
    }

    @Test
    void intervalHasALimit() throws Exception {
        assertRefused(request().setCadence(Cadence.newBuilder().setIntervalMs(60_001)),
                Status.Code.INVALID_ARGUMENT, "INTERVAL_OUT_OF_RANGE", "cadence.interval_ms");
        assertRefused(request().setCadence(Cadence.newBuilder().setIntervalMs(-1)),
                Status.Code.INVALID_ARGUMENT, "INTERVAL_OUT_OF_RANGE", "cadence.interval_ms");
    }

    @Test
    void messageAboveTheLimitIsRefusedWithAReason() throws Exception {
        assertRefused(request().setPrefix(ByteString.copyFrom(new byte[(4 << 20) + 1])),
                Status.Code.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE", "");
    }

    @Test
    void messageFarAboveTheLimitIsRefusedUnread() throws Exception {
        StreamReader reader = StreamReader.eager();
        server.generation().generate(request().setPrefix(ByteString.copyFrom(new byte[9 << 20])).build(), reader);

        assertThat(reader.end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }

    @Test
    void modelThatDoesNotServeIsAFailedPrecondition() throws Exception {
        assertRefused(request().setModel(ModelSelector.newBuilder().setName(ScriptedEngine.CORRUPT)),
                Status.Code.FAILED_PRECONDITION, "MODEL_NOT_SERVING", "model.name");
    }

    @Test
    void fullQueueSaysWhenToTryAgain() throws Exception {
        engine.refuseWith(EngineException.retry(Reason.QUEUE_FULL, Duration.ofMillis(700), "The waiting line is full."));
        StreamReader reader = StreamReader.eager();
        server.generation().generate(request().build(), reader);

        assertThat(reader.error().getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(ErrorDetails.of(reader.error())).isEqualTo(new ErrorDetails("scanline", "QUEUE_FULL", "", 700));
    }

    @Test
    void faultOfOursTellsNothing() throws Exception {
        engine.breakDown(true);
        StreamReader reader = StreamReader.eager();
        server.generation().generate(request().build(), reader);

        assertThat(reader.error().getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(reader.error().getStatus().getDescription()).doesNotContain("secret", "/some/path", "Exception");
        assertThat(ErrorDetails.of(reader.error()).reason()).isEqualTo("INTERNAL");
    }

    @Test
    void faultInTheDrainEndsTheStreamAndTheGeneration() throws Exception {
        AtomicReference<ScriptedGeneration> admitted = new AtomicReference<>();
        engine.script(generation -> {
            generation.corrupt();
            generation.finish();
            admitted.set(generation);
        });
        StreamReader reader = StreamReader.eager();
        server.generation().generate(request().build(), reader);

        assertThat(reader.error().getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(admitted.get().cancelled()).isCompleted();
        engine.script(ScriptedGeneration::finish);
    }

    @Test
    void modelsAreListedWithTheReasonWhyOneDoesNotServe() {
        var models = ModelServiceGrpc.newBlockingStub(server.channel)
                .listModels(ListModelsRequest.getDefaultInstance()).getModelsList();

        assertThat(models).extracting(Model::getName).containsExactly(ScriptedEngine.CORRUPT, ScriptedEngine.SERVING);
        assertThat(models.get(0).getState()).isEqualTo(ModelState.MODEL_STATE_NOT_SERVING);
        assertThat(models.get(0).getNotServingReason())
                .isEqualTo("BUNDLE_FILE_CORRUPT: step.onnx does not have the listed digest.");
        assertThat(models.get(1).getState()).isEqualTo(ModelState.MODEL_STATE_SERVING);
        assertThat(models.get(1).getSteps()).isEqualTo(16);
        assertThat(models.get(1).getRecommendedTemperature()).isEqualTo(1);
    }

    @Test
    void unknownModelIsNotFound() throws Exception {
        var stub = ModelServiceGrpc.newBlockingStub(server.channel);
        StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, () -> stub.getModel(
                GetModelRequest.newBuilder().setModel(ModelSelector.newBuilder().setName("nobody")).build()));

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(ErrorDetails.of(failure).reason()).isEqualTo("MODEL_NOT_FOUND");
    }

    @Test
    void scoresComeInOrderAndPerValueOnlyWhenAsked() {
        ScoreRequest.Builder score = ScoreRequest.newBuilder()
                .setModel(ModelSelector.newBuilder().setName(ScriptedEngine.SERVING))
                .addImages(ByteString.copyFrom(new byte[1]))
                .addImages(ByteString.copyFrom(new byte[2]));
        var stub = GenerationServiceGrpc.newBlockingStub(server.channel);

        ScoreResponse without = stub.score(score.build());
        ScoreResponse with = stub.score(score.setPerValue(true).build());

        assertThat(without.getScoresList()).extracting(io.scanline.v1.ImageScore::getLogLikelihoodNats)
                .containsExactly(-1.0, -2.0);
        assertThat(without.getScores(0).getValueLogLikelihoodsList()).isEmpty();
        assertThat(with.getScores(1).getValueLogLikelihoodsList()).containsExactly(-1f, -2f);
        assertThat(with.getBundleDigest()).startsWith("sha256:");
    }
}
