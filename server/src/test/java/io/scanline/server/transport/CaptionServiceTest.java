package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.TinyBundle;
import io.scanline.v1.CaptionEnd;
import io.scanline.v1.CaptionFinished;
import io.scanline.v1.CaptionRequest;
import io.scanline.v1.CaptionResponse;
import io.scanline.v1.CaptionServiceGrpc;
import io.scanline.v1.CaptionStarted;
import io.scanline.v1.GetModelRequest;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.ModelServiceGrpc;
import io.scanline.v1.Sampling;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real stubs against a real model that puts images into words. */
@Timeout(60)
class CaptionServiceTest {
    private static final ModelSelector MODEL = ModelSelector.newBuilder().setName("tiny-captioner").build();
    private static final int MOST = 11;

    private static SimpleMeterRegistry meters;
    private static DecodingEngine engine;
    private static TestServer server;
    private static CaptionServiceGrpc.CaptionServiceBlockingStub captions;
    private static ByteString image;

    @BeforeAll
    static void start() throws IOException {
        meters = new SimpleMeterRegistry();
        engine = DecodingEngine.open(new EngineConfig(TinyBundle.repository(), 2, 8, 1, 1, 1 << 20), meters);
        server = new TestServer(engine);
        captions = CaptionServiceGrpc.newBlockingStub(server.channel);
        image = ByteString.copyFrom(Files.readAllBytes(
                TinyBundle.repository().resolve("tiny-captioner/1/golden/0.pixels")));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        assertThat(server.server.drain(Duration.ofSeconds(10))).isTrue(); // every stream was told its end
        server.close();
        engine.close();
    }

    private static CaptionRequest.Builder request() {
        return CaptionRequest.newBuilder().setModel(MODEL).setValues(image);
    }

    private static List<CaptionResponse> all(Iterator<CaptionResponse> stream) {
        List<CaptionResponse> events = new ArrayList<>();
        stream.forEachRemaining(events::add);
        return events;
    }

    private static void assertRefused(CaptionRequest.Builder request, Status.Code code, String reason, String field)
            throws Exception {
        StatusRuntimeException refused = catchThrowableOfType(
                StatusRuntimeException.class, () -> all(captions.caption(request.build())));
        assertThat(refused.getStatus().getCode()).isEqualTo(code);
        assertThat(ErrorDetails.of(refused).reason()).isEqualTo(reason);
        assertThat(ErrorDetails.of(refused).field()).isEqualTo(field);
    }

    private static byte[] png(BufferedImage picture) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ImageIO.write(picture, "png", file);
        return file.toByteArray();
    }

    @Test
    void tokensAreStreamedAndJoinedAreTheCaption() {
        List<CaptionResponse> events = all(captions.caption(request().setSeed(5).build()));
        CaptionStarted started = events.get(0).getStarted();
        assertThat(started.getModel()).isEqualTo(MODEL.toBuilder().setVersion("1").build());
        assertThat(started.getBundleDigest()).startsWith("sha256:");
        assertThat(started.getSeed()).isEqualTo(5);
        assertThat(started.getMaxTokens()).isEqualTo(MOST);
        List<CaptionResponse> tokens = events.subList(1, events.size() - 1);
        double logLikelihood = 0;
        for (int i = 0; i < tokens.size(); i++) {
            assertThat(tokens.get(i).getToken().getIndex()).isEqualTo(i);
            assertThat(tokens.get(i).getToken().getLogProbability()).isNegative();
            logLikelihood += tokens.get(i).getToken().getLogProbability();
        }
        CaptionFinished finished = events.get(events.size() - 1).getFinished();
        assertThat(tokens.stream().map(event -> event.getToken().getText()).collect(Collectors.joining()))
                .isEqualTo(finished.getText())
                .isNotEmpty();
        assertThat(finished.getEnd()).isEqualTo(CaptionEnd.CAPTION_END_COMPLETE);
        assertThat(finished.getLogLikelihoodNats()).isLessThan(logLikelihood);
        assertThat(finished.getFirstTokenUs()).isPositive().isLessThanOrEqualTo(finished.getTotalUs());
    }

    @Test
    void sameSeedSaysTheSame() {
        CaptionRequest drawn = request().setSeed(3).setSampling(Sampling.newBuilder().setTemperature(2)).build();
        List<CaptionResponse> once = all(captions.caption(drawn));
        List<CaptionResponse> again = all(captions.caption(drawn));
        assertThat(again.subList(1, again.size() - 1)).isEqualTo(once.subList(1, once.size() - 1));
        List<CaptionResponse> other = all(captions.caption(drawn.toBuilder().setSeed(4).build()));
        assertThat(other.subList(1, other.size() - 1)).isNotEqualTo(once.subList(1, once.size() - 1));
    }

    @Test
    void withoutATemperatureTheLikeliestIsSaid() {
        String likeliest = text(request());
        assertThat(text(request().setSampling(Sampling.newBuilder().setTopP(0.9f)))).isEqualTo(likeliest);
        assertThat(text(request().setSampling(Sampling.newBuilder().setTemperature(0)))).isEqualTo(likeliest);
    }

    private static String text(CaptionRequest.Builder request) {
        List<CaptionResponse> events = all(captions.caption(request.build()));
        return events.get(events.size() - 1).getFinished().getText();
    }

    @Test
    void pictureSaysWhatItsValuesSay() throws Exception {
        BufferedImage same = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 32 * 32; i++) {
            int rgb = (image.byteAt(3 * i) & 0xFF) << 16 | (image.byteAt(3 * i + 1) & 0xFF) << 8
                    | image.byteAt(3 * i + 2) & 0xFF;
            same.setRGB(i % 32, i / 32, rgb);
        }
        List<CaptionResponse> ofValues = all(captions.caption(request().setMaxTokens(2).build()));
        List<CaptionResponse> ofPicture = all(captions.caption(
                request().setMaxTokens(2).setPicture(ByteString.copyFrom(png(same))).build()));
        assertThat(ofPicture).hasSize(4);
        assertThat(ofPicture.subList(1, 3)).isEqualTo(ofValues.subList(1, 3));
        assertThat(ofPicture.get(0).getStarted().getMaxTokens()).isEqualTo(2);
        assertThat(ofPicture.get(3).getFinished().getEnd()).isEqualTo(CaptionEnd.CAPTION_END_LENGTH);
    }

    @Test
    void refusalsNameReasonAndField() throws Exception {
        assertRefused(CaptionRequest.newBuilder().setValues(image),
                Status.Code.INVALID_ARGUMENT, "FIELD_REQUIRED", "model.name");
        assertRefused(CaptionRequest.newBuilder().setModel(MODEL),
                Status.Code.INVALID_ARGUMENT, "FIELD_REQUIRED", "image");
        assertRefused(request().setModel(ModelSelector.newBuilder().setName("none")),
                Status.Code.NOT_FOUND, "MODEL_NOT_FOUND", "model.name");
        assertRefused(request().setModel(ModelSelector.newBuilder().setName("tiny")),
                Status.Code.FAILED_PRECONDITION, "CAPTION_NOT_SUPPORTED", "");
        assertRefused(request().setValues(image.substring(1)),
                Status.Code.INVALID_ARGUMENT, "IMAGE_SIZE_MISMATCH", "values");
        assertRefused(request().setMaxTokens(MOST + 1),
                Status.Code.INVALID_ARGUMENT, "TOKENS_OUT_OF_RANGE", "max_tokens");
        assertRefused(request().setMaxTokens(-1),
                Status.Code.INVALID_ARGUMENT, "TOKENS_OUT_OF_RANGE", "max_tokens");
        assertRefused(request().setSampling(Sampling.newBuilder().setTemperature(Float.NaN)),
                Status.Code.INVALID_ARGUMENT, "TEMPERATURE_OUT_OF_RANGE", "sampling.temperature");
        assertRefused(request().setSampling(Sampling.newBuilder().setTopK(-1)),
                Status.Code.INVALID_ARGUMENT, "TOP_K_OUT_OF_RANGE", "sampling.top_k");
        assertRefused(request().setSampling(Sampling.newBuilder().setTopP(0)),
                Status.Code.INVALID_ARGUMENT, "TOP_P_OUT_OF_RANGE", "sampling.top_p");
        assertRefused(request().setPicture(ByteString.copyFromUtf8("no picture")),
                Status.Code.INVALID_ARGUMENT, "PICTURE_FORMAT_UNKNOWN", "picture");
        assertRefused(request().setPicture(ByteString.copyFrom(
                        png(new BufferedImage(5000, 4000, BufferedImage.TYPE_BYTE_BINARY)))),
                Status.Code.INVALID_ARGUMENT, "PICTURE_TOO_LARGE", "picture");
    }

    @Test
    void deadlineThatPassedIsSaid() {
        StatusRuntimeException late = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> all(captions.withDeadlineAfter(1, TimeUnit.MICROSECONDS).caption(request().build())));
        assertThat(late.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }

    @Test
    void cancelledCallsLeaveNothingBehind() {
        for (int i = 0; i < 20; i++) {
            try (Context.CancellableContext call = Context.current().withCancellation()) {
                call.run(() -> captions.caption(request().build()).next());
            }
        }
        TestServer.await(() -> meters.get("scanline.slots.active").tag("model", "tiny-captioner").gauge().value() == 0
                && meters.get("scanline.queue.depth").tag("model", "tiny-captioner").gauge().value() == 0);
        assertThat(text(request())).isNotEmpty();
    }

    @Test
    void modelAndHealthSayThatItCaptions() {
        assertThat(ModelServiceGrpc.newBlockingStub(server.channel)
                        .getModel(GetModelRequest.newBuilder().setModel(MODEL).build())
                        .getModel().getCaptionTokens())
                .isEqualTo(MOST);
        assertThat(HealthGrpc.newBlockingStub(server.channel)
                        .check(HealthCheckRequest.newBuilder().setService(CaptionServiceGrpc.SERVICE_NAME).build())
                        .getStatus())
                .isEqualTo(ServingStatus.SERVING);
    }
}
