package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.TinyBundle;
import io.scanline.v1.Cadence;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.ClassLabel;
import io.scanline.v1.DecodeRequest;
import io.scanline.v1.DecodeResponse;
import io.scanline.v1.EncodeRequest;
import io.scanline.v1.EncodeResponse;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationOrder;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.GetModelRequest;
import io.scanline.v1.InterpolateRequest;
import io.scanline.v1.InterpolateResponse;
import io.scanline.v1.InterpolationEnd;
import io.scanline.v1.Latent;
import io.scanline.v1.LatentServiceGrpc;
import io.scanline.v1.LatentVector;
import io.scanline.v1.LikelihoodKind;
import io.scanline.v1.Model;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.ModelServiceGrpc;
import io.scanline.v1.ScoreRequest;
import io.scanline.v1.ScoreResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real stubs against real models with a latent space, their weights being random. */
@Timeout(60)
class LatentServiceTest {
    private static final ModelSelector VAE = ModelSelector.newBuilder().setName("tiny-vae").build();
    private static final ModelSelector GENERATOR = ModelSelector.newBuilder().setName("tiny-generator").build();
    private static final ModelSelector TOKENS = ModelSelector.newBuilder().setName("tiny-tokens").build();
    private static final ClassLabel DISC = ClassLabel.newBuilder().setName("disc").build();
    private static final ByteString IMAGE = ByteString.copyFrom(new byte[64]);

    private static DecodingEngine engine;
    private static TestServer server;
    private static LatentServiceGrpc.LatentServiceBlockingStub latents;
    private static GenerationServiceGrpc.GenerationServiceBlockingStub generation;

    @BeforeAll
    static void start() {
        EngineConfig config = new EngineConfig(TinyBundle.repository(), 4, 64, 16, 1, 1 << 20);
        engine = DecodingEngine.open(config, new SimpleMeterRegistry());
        server = new TestServer(engine);
        latents = LatentServiceGrpc.newBlockingStub(server.channel);
        generation = GenerationServiceGrpc.newBlockingStub(server.channel);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
        engine.close();
    }

    private static EncodeResponse encode(ModelSelector model, ByteString... images) {
        EncodeRequest.Builder request = EncodeRequest.newBuilder().setModel(model).addAllImages(List.of(images));
        return latents.encode((model == VAE ? request.setLabel(DISC) : request).build());
    }

    private static DecodeResponse decode(ModelSelector model, Latent... given) {
        DecodeRequest.Builder request = DecodeRequest.newBuilder().setModel(model).addAllLatents(List.of(given));
        return latents.decode((model == VAE ? request.setLabel(DISC) : request).build());
    }

    private static InterpolateRequest.Builder between(ByteString from, ByteString to) {
        return InterpolateRequest.newBuilder()
                .setModel(VAE)
                .setLabel(DISC)
                .setFrom(InterpolationEnd.newBuilder().setImage(from))
                .setTo(InterpolationEnd.newBuilder().setImage(to));
    }

    private static List<InterpolateResponse> frames(InterpolateRequest.Builder request) {
        List<InterpolateResponse> frames = new ArrayList<>();
        latents.withDeadlineAfter(20, TimeUnit.SECONDS).interpolate(request.build()).forEachRemaining(frames::add);
        return frames;
    }

    private static void assertRefused(ThrowingCallable call, Status.Code code, String reason, String field)
            throws Exception {
        StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(refused.getStatus().getCode()).isEqualTo(code);
        assertThat(ErrorDetails.of(refused).reason()).isEqualTo(reason);
        assertThat(ErrorDetails.of(refused).field()).isEqualTo(field);
    }

    @Test
    void imagesBecomeLatentsOfTheModelsKindAndBack() {
        EncodeResponse encoded = encode(VAE, IMAGE, IMAGE);
        assertThat(encoded.getLatentsList()).hasSize(2);
        assertThat(encoded.getBundleDigest()).startsWith("sha256:");
        assertThat(encoded.getLatents(0).getGaussian().getMeanList()).hasSize(5);
        assertThat(encoded.getLatents(0).getGaussian().getVarianceList()).hasSize(5).allMatch(v -> v > 0);

        DecodeResponse decoded = decode(VAE, encoded.getLatents(0), encoded.getLatents(1));
        assertThat(decoded.getImagesList()).hasSize(2).allMatch(image -> image.size() == 64);
        assertThat(decoded.getGeometry().getLevels()).isEqualTo(5);
        assertThat(decoded.getBundleDigest()).isEqualTo(encoded.getBundleDigest());

        ByteString colours = ByteString.copyFrom(new byte[144]);
        Latent codes = encode(TOKENS, colours).getLatents(0);
        assertThat(codes.getTokens().getCodesList()).hasSize(12);
        assertThat(decode(TOKENS, codes).getImages(0).size()).isEqualTo(144);
    }

    @Test
    void framesComeInOrderAndOnlyTheFirstIsDescribed() {
        ByteString bright = ByteString.copyFrom("\4".repeat(64), StandardCharsets.US_ASCII);
        List<InterpolateResponse> frames = frames(between(IMAGE, bright).setFrames(40));
        assertThat(frames).hasSize(40);
        for (int i = 0; i < 40; i++) {
            assertThat(frames.get(i).getIndex()).isEqualTo(i);
            assertThat(frames.get(i).getPosition()).isCloseTo(i / 39f, within(1e-6f));
            assertThat(frames.get(i).hasGeometry()).isEqualTo(i == 0);
            assertThat(frames.get(i).getBundleDigest().isEmpty()).isEqualTo(i > 0);
        }
        assertThat(frames.get(39).getValues())
                .isEqualTo(decode(VAE, encode(VAE, bright).getLatents(0)).getImages(0));
        assertThat(frames(between(IMAGE, bright))).hasSize(16);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"UNRECOGNIZED", "CADENCE_MODE_PERCENT"})
    void imageMadeAtOnceComesInOneMessageAtAnyCadence(CadenceMode mode) {
        List<GenerateResponse> events = new ArrayList<>();
        generation.generate(GenerateRequest.newBuilder()
                        .setModel(VAE).setLabel(DISC).setSeed(11).setCount(2)
                        .setCadence(Cadence.newBuilder().setMode(mode).setIntervalMs(1))
                        .build())
                .forEachRemaining(events::add);
        assertThat(events.get(0).getStarted().getSteps()).isEqualTo(1);
        assertThat(events.get(0).getStarted().getOrder()).isEqualTo(GenerationOrder.GENERATION_ORDER_UNSPECIFIED);
        assertThat(events.stream().filter(GenerateResponse::hasPixels))
                .hasSize(2)
                .allMatch(event -> event.getPixels().getValues().size() == 64);
        assertThat(events.stream().filter(GenerateResponse::hasPreview))
                .hasSize(mode == CadenceMode.CADENCE_MODE_PREVIEW ? 2 : 0);
        assertThat(events.get(events.size() - 1).getFinished().getImagesList()).hasSize(2).allSatisfy(image -> {
            assertThat(image.getLikelihoodKind()).isEqualTo(LikelihoodKind.LIKELIHOOD_KIND_UNSPECIFIED);
            assertThat(image.getLogLikelihoodNats()).isZero();
        });
    }

    @Test
    void scoreIsABoundAndSaysSo() {
        ScoreRequest.Builder request = ScoreRequest.newBuilder().setModel(VAE).setLabel(DISC).addImages(IMAGE);
        ScoreResponse one = generation.score(request.setSeed(3).build());
        ScoreResponse again = generation.score(request.setImportanceSamples(1).build());
        ScoreResponse many = generation.score(request.setImportanceSamples(64).build());
        assertThat(one.getScores(0).getKind()).isEqualTo(LikelihoodKind.LIKELIHOOD_KIND_LOWER_BOUND);
        assertThat(one.getScores(0).getLogLikelihoodNats()).isNegative();
        assertThat(one.getScores(0).getBitsPerDim())
                .isCloseTo(-one.getScores(0).getLogLikelihoodNats() / (64 * Math.log(2)), within(1e-12));
        assertThat(again).isEqualTo(one);
        assertThat(many).isNotEqualTo(one);
    }

    @Test
    void serviceIsHealthyBecauseAModelHasALatentSpace() {
        assertThat(HealthGrpc.newBlockingStub(server.channel)
                        .check(HealthCheckRequest.newBuilder().setService("scanline.v1.LatentService").build())
                        .getStatus())
                .isEqualTo(ServingStatus.SERVING);
    }

    @Test
    void modelIsDescribed() {
        ModelServiceGrpc.ModelServiceBlockingStub models = ModelServiceGrpc.newBlockingStub(server.channel);
        Model vae = models.getModel(GetModelRequest.newBuilder().setModel(VAE).build()).getModel();
        assertThat(vae.getSteps()).isEqualTo(1);
        assertThat(vae.getLatent().getKind()).isEqualTo("gaussian");
        assertThat(vae.getLatent().getShapeList()).containsExactly(5);
        assertThat(vae.getLikelihoodKind()).isEqualTo(LikelihoodKind.LIKELIHOOD_KIND_LOWER_BOUND);
        Model tokens = models.getModel(GetModelRequest.newBuilder().setModel(TOKENS).build()).getModel();
        assertThat(tokens.getLatent().getKind()).isEqualTo("tokens");
        assertThat(tokens.getLatent().getShapeList()).containsExactly(4, 3);
        assertThat(tokens.getLatent().getCodes()).isEqualTo(16);
        assertThat(tokens.getLikelihoodKind()).isEqualTo(LikelihoodKind.LIKELIHOOD_KIND_UNSPECIFIED);
        Model generator = models.getModel(GetModelRequest.newBuilder().setModel(GENERATOR).build()).getModel();
        assertThat(generator.getLatent().getKind()).isEqualTo("gaussian");
        assertThat(generator.getLatent().getWithoutEncoder()).isTrue();
        assertThat(generator.getLikelihoodKind()).isEqualTo(LikelihoodKind.LIKELIHOOD_KIND_UNSPECIFIED);
        assertThat(vae.getLatent().getWithoutEncoder()).isFalse();
    }

    @Test
    void refusalsNameReasonAndField() throws Exception {
        Latent vector = Latent.newBuilder().setVector(LatentVector.newBuilder().addValues(1)).build();
        assertRefused(() -> latents.encode(EncodeRequest.getDefaultInstance()),
                Status.Code.INVALID_ARGUMENT, "FIELD_REQUIRED", "model.name");
        assertRefused(() -> decode(VAE, vector), Status.Code.INVALID_ARGUMENT, "LATENT_KIND_MISMATCH", "latents[0]");
        assertRefused(() -> decode(VAE, Latent.getDefaultInstance()),
                Status.Code.INVALID_ARGUMENT, "FIELD_REQUIRED", "latents[0]");
        assertRefused(() -> frames(between(IMAGE, IMAGE).clearFrom()),
                Status.Code.INVALID_ARGUMENT, "FIELD_REQUIRED", "from");
        assertRefused(() -> frames(between(IMAGE, IMAGE).clearTo()),
                Status.Code.INVALID_ARGUMENT, "FIELD_REQUIRED", "to");
        assertRefused(() -> frames(between(IMAGE, IMAGE).setPathValue(9)),
                Status.Code.INVALID_ARGUMENT, "ENUM_UNKNOWN", "path");
        assertRefused(() -> frames(between(IMAGE, IMAGE).setFrames(257)),
                Status.Code.INVALID_ARGUMENT, "FRAMES_OUT_OF_RANGE", "frames");
        assertRefused(() -> generation.generate(GenerateRequest.newBuilder().setModel(TOKENS).build()).hasNext(),
                Status.Code.FAILED_PRECONDITION, "GENERATION_NOT_SUPPORTED", "");
        assertRefused(
                () -> encode(ModelSelector.newBuilder().setName(TinyBundle.NAME).build(), IMAGE),
                Status.Code.FAILED_PRECONDITION, "LATENT_NOT_SUPPORTED", "");
        assertRefused(() -> encode(GENERATOR, IMAGE), Status.Code.FAILED_PRECONDITION, "ENCODE_NOT_SUPPORTED", "");
        assertRefused(
                () -> generation.score(ScoreRequest.newBuilder()
                        .setModel(VAE).setLabel(DISC).addImages(IMAGE).setImportanceSamples(65).build()),
                Status.Code.INVALID_ARGUMENT, "IMPORTANCE_SAMPLES_OUT_OF_RANGE", "importance_samples");
    }
}
