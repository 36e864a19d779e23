package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
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
import io.scanline.v1.Metric;
import io.scanline.v1.Model;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.ModelServiceGrpc;
import io.scanline.v1.ScoreRequest;
import io.scanline.v1.Started;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real stubs against models whose steps are there in fp32 and in int8. */
@Timeout(60)
class PrecisionServiceTest {
    private static final ModelSelector TINY = model(TinyBundle.INT8);
    private static final ModelSelector VAE = model("tiny-vae");

    @TempDir
    private static Path repository;

    private static final PrometheusMeterRegistry METERS = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private static DecodingEngine engine;
    private static TestServer server;
    private static GenerationServiceGrpc.GenerationServiceBlockingStub generation;

    private static ModelSelector model(String name) {
        return ModelSelector.newBuilder().setName(name).build();
    }

    @BeforeAll
    static void start() throws Exception {
        TinyBundle.copyOf(TinyBundle.INT8, repository, TinyBundle.INT8);
        TinyBundle.copyOf("tiny-vae", repository, "tiny-vae");
        engine = DecodingEngine.open(new EngineConfig(repository, 4, 64, 16, 1, 1 << 20), METERS);
        server = new TestServer(engine);
        generation = GenerationServiceGrpc.newBlockingStub(server.channel).withDeadlineAfter(50, TimeUnit.SECONDS);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
        engine.close();
    }

    private static GenerateRequest.Builder request(String precision) {
        return GenerateRequest.newBuilder()
                .setModel(TINY).setSeed(11).setLabel(ClassLabel.newBuilder().setIndex(1)).setPrecision(precision)
                .setCadence(Cadence.newBuilder().setMode(CadenceMode.CADENCE_MODE_ROW));
    }

    private static List<GenerateResponse> events(GenerateRequest.Builder request) {
        List<GenerateResponse> events = new ArrayList<>();
        generation.generate(request.build()).forEachRemaining(events::add);
        return events;
    }

    private static Started started(List<GenerateResponse> events) {
        return events.get(0).getStarted();
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

    private static void refused(String reason, String sentence, ThrowingCallable call) throws Exception {
        StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(failure.getStatus().getDescription()).contains(sentence);
        assertThat(ErrorDetails.of(failure).reason()).isEqualTo(reason);
        assertThat(ErrorDetails.of(failure).field()).isEqualTo("precision");
    }

    @Test
    void modelSaysWhatItHasAndWhatItsFiguresWereMeasuredWith() {
        ModelServiceGrpc.ModelServiceBlockingStub models = ModelServiceGrpc.newBlockingStub(server.channel);
        Model tiny = models.getModel(GetModelRequest.newBuilder().setModel(TINY).build()).getModel();
        assertThat(tiny.getPrecisionsList()).containsExactly("fp32", "int8");
        assertThat(tiny.getMetricsList()).isNotEmpty().extracting(Metric::getPrecision).containsOnly("fp32");
        Model vae = models.getModel(GetModelRequest.newBuilder().setModel(VAE).build()).getModel();
        assertThat(vae.getPrecisionsList()).isEmpty();
    }

    @Test
    void firstMessageNamesThePrecisionAndTheBytesAreThoseOfIt() {
        List<GenerateResponse> unsaid = events(request(""));
        List<GenerateResponse> fp32 = events(request("fp32"));
        List<GenerateResponse> int8 = events(request("int8"));
        assertThat(started(unsaid).getPrecision()).isEqualTo("fp32");
        assertThat(started(fp32).getPrecision()).isEqualTo("fp32");
        assertThat(started(int8).getPrecision()).isEqualTo("int8");
        assertThat(result(unsaid).getSha256()).isEqualTo(result(fp32).getSha256());
        assertThat(result(unsaid).getLogLikelihoodNats()).isEqualTo(result(fp32).getLogLikelihoodNats());
        assertThat(result(int8).getLogLikelihoodNats()).isNotEqualTo(result(fp32).getLogLikelihoodNats());
        assertThat(result(events(request("int8").setCount(3))).getSha256()).isEqualTo(result(int8).getSha256());
    }

    @Test
    void scoreIsThatOfThePrecision() {
        List<GenerateResponse> made = events(request("int8"));
        ScoreRequest.Builder score = ScoreRequest.newBuilder()
                .setModel(TINY).setLabel(ClassLabel.newBuilder().setIndex(1)).addImages(values(made));
        double int8 = generation.score(score.setPrecision("int8").build()).getScores(0).getLogLikelihoodNats();
        double fp32 = generation.score(score.clearPrecision().build()).getScores(0).getLogLikelihoodNats();
        assertThat(int8).isCloseTo(result(made).getLogLikelihoodNats(), within(1e-3)).isNotEqualTo(fp32);
    }

    @Test
    void otherPrecisionsAreRefusedByName() throws Exception {
        refused("PRECISION_NOT_FOUND", "there is fp32, int8", () -> events(request("bf16")));
        refused("PRECISION_NOT_FOUND", "there is fp32, int8", () -> generation.score(ScoreRequest.newBuilder()
                .setModel(TINY).setLabel(ClassLabel.newBuilder().setIndex(1)).setPrecision("bf16")
                .addImages(ByteString.copyFrom(new byte[64])).build()));
        refused("FIELD_NOT_SUPPORTED", "leave precision out",
                () -> events(request("int8").setModel(VAE)));
    }

    @Test
    void metricsTellPrecisionsApart() {
        events(request("int8"));
        assertThat(METERS.scrape())
                .contains("scanline_pixels_total{model=\"tiny-int8\",precision=\"int8\",version=\"1\"}")
                .contains("scanline_slots_active{model=\"tiny-int8\",precision=\"fp32\",version=\"1\"}");
    }
}
