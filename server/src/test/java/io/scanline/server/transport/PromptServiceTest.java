package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.TinyBundle;
import io.scanline.v1.Cadence;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.ClassLabel;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.GetModelRequest;
import io.scanline.v1.ImageResult;
import io.scanline.v1.Model;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.ModelServiceGrpc;
import io.scanline.v1.PromptRead;
import io.scanline.v1.ScoreRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real stubs against real models that draw what a text says, their weights being random. */
@Timeout(60)
class PromptServiceTest {
    private static final ModelSelector TEXT = ModelSelector.newBuilder().setName(TinyBundle.TEXT).build();
    private static final ModelSelector PRIOR = ModelSelector.newBuilder().setName(TinyBundle.TEXT_PRIOR).build();

    private static DecodingEngine engine;
    private static TestServer server;
    private static GenerationServiceGrpc.GenerationServiceBlockingStub generation;

    @BeforeAll
    static void start() {
        EngineConfig config = new EngineConfig(TinyBundle.repository(), 4, 64, 16, 1, 1 << 20);
        engine = DecodingEngine.open(config, new SimpleMeterRegistry());
        server = new TestServer(engine);
        generation = GenerationServiceGrpc.newBlockingStub(server.channel);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
        engine.close();
    }

    private static GenerateRequest.Builder request(ModelSelector model, String prompt) {
        return GenerateRequest.newBuilder()
                .setModel(model).setSeed(11).setPrompt(prompt)
                .setCadence(Cadence.newBuilder().setMode(CadenceMode.CADENCE_MODE_ROW));
    }

    private static List<GenerateResponse> events(GenerateRequest.Builder request) {
        List<GenerateResponse> events = new ArrayList<>();
        generation.withDeadlineAfter(30, TimeUnit.SECONDS).generate(request.build()).forEachRemaining(events::add);
        return events;
    }

    private static ImageResult result(List<GenerateResponse> events) {
        return events.get(events.size() - 1).getFinished().getImages(0);
    }

    private static ByteString values(List<GenerateResponse> events) {
        return events.stream()
                .filter(GenerateResponse::hasPixels)
                .map(event -> event.getPixels().getValues())
                .reduce(ByteString.EMPTY, ByteString::concat);
    }

    private static void refused(String reason, String field, ThrowingCallable call) throws Exception {
        StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(ErrorDetails.of(failure).reason()).isEqualTo(reason);
        assertThat(ErrorDetails.of(failure).field()).isEqualTo(field);
    }

    @Test
    void modelSaysHowItReads() {
        Model model = ModelServiceGrpc.newBlockingStub(server.channel)
                .getModel(GetModelRequest.newBuilder().setModel(PRIOR).build())
                .getModel();
        assertThat(model.getPrompt().getContext()).isEqualTo(8);
        assertThat(model.getPrompt().getRecommendedGuidance()).isEqualTo(3);
        assertThat(model.getClassNamesCount()).isZero();
    }

    @Test
    void firstMessageSaysWhatWasReadOfThePrompt() {
        assertThat(events(request(PRIOR, "a zebra on the moon")).get(0).getStarted().getPrompt())
                .isEqualTo(PromptRead.newBuilder().setIds(7).setUnknown(1).setGuidance(3).build());
        assertThat(events(request(PRIOR, "").setGuidance(1)).get(0).getStarted().getPrompt())
                .isEqualTo(PromptRead.newBuilder().setIds(2).setGuidance(1).build());
        ModelSelector other = ModelSelector.newBuilder().setName(TinyBundle.ROWS).build();
        assertThat(events(request(other, "").clearPrompt()).get(0).getStarted().hasPrompt()).isFalse();
    }

    @Test
    void sameRequestSameImageAndAnotherTextAnother() {
        ByteString sha256 = result(events(request(PRIOR, "big dog").setCount(2))).getSha256();
        assertThat(result(events(request(PRIOR, "big dog"))).getSha256()).isEqualTo(sha256);
        assertThat(result(events(request(PRIOR, "the sun"))).getSha256()).isNotEqualTo(sha256);
        assertThat(result(events(request(PRIOR, "big dog").setGuidance(9))).getSha256()).isNotEqualTo(sha256);
    }

    @Test
    void scoreIsGivenTheText() throws Exception {
        List<GenerateResponse> made = events(request(TEXT, "big dog").setGuidance(5));
        ScoreRequest.Builder score = ScoreRequest.newBuilder().setModel(TEXT).addImages(values(made));
        assertThat(generation.score(score.setPrompt("big dog").build()).getScores(0).getLogLikelihoodNats())
                .isCloseTo(result(made).getLogLikelihoodNats(), within(1e-3));
        refused("PROMPT_REQUIRED", "prompt", () -> generation.score(score.clearPrompt().build()));
    }

    @Test
    void badPromptsAreRefusedByName() throws Exception {
        refused("PROMPT_REQUIRED", "prompt", () -> events(request(TEXT, "").clearPrompt()));
        refused("PROMPT_TOO_LONG", "prompt", () -> events(request(TEXT, "a a a a a a a")));
        refused("INVALID_GUIDANCE", "guidance", () -> events(request(TEXT, "a").setGuidance(Float.NaN)));
        refused("INVALID_GUIDANCE", "guidance", () -> events(request(TEXT, "a").clearPrompt().setGuidance(1)));
        ModelSelector tiny = ModelSelector.newBuilder().setName(TinyBundle.NAME).build();
        ClassLabel label = ClassLabel.newBuilder().setIndex(0).build();
        refused("PROMPT_NOT_SUPPORTED", "prompt", () -> events(request(tiny, "a").setLabel(label)));
        refused("INVALID_GUIDANCE", "guidance",
                () -> events(request(tiny, "").clearPrompt().setLabel(label).setGuidance(1)));
        refused("CLASS_NOT_SUPPORTED", "label", () -> events(request(TEXT, "a").setLabel(label)));
    }
}
