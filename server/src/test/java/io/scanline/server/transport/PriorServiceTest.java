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
import io.scanline.v1.DecodeRequest;
import io.scanline.v1.DecodeResponse;
import io.scanline.v1.EncodeRequest;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationOrder;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.GetModelRequest;
import io.scanline.v1.ImageResult;
import io.scanline.v1.ImageScore;
import io.scanline.v1.InterpolateRequest;
import io.scanline.v1.InterpolationEnd;
import io.scanline.v1.Latent;
import io.scanline.v1.LatentServiceGrpc;
import io.scanline.v1.LatentTokens;
import io.scanline.v1.LikelihoodKind;
import io.scanline.v1.Model;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.ModelServiceGrpc;
import io.scanline.v1.Pixels;
import io.scanline.v1.Preview;
import io.scanline.v1.ScoreRequest;
import io.scanline.v1.Started;
import io.scanline.v1.Tokens;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real stubs against a real prior over codes, its weights being random. */
@Timeout(60)
class PriorServiceTest {
    private static final ModelSelector PRIOR = ModelSelector.newBuilder().setName(TinyBundle.PRIOR).build();
    private static final ClassLabel SAND = ClassLabel.newBuilder().setName("sand").build();
    private static final int CODES = 12;
    private static final int VALUES = 144;

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

    private static GenerateRequest.Builder request(CadenceMode mode, int count, ByteString prefix) {
        return GenerateRequest.newBuilder()
                .setModel(PRIOR).setLabel(SAND).setSeed(11).setCount(count).setPrefix(prefix)
                .setCadence(Cadence.newBuilder().setMode(mode).setIntervalMs(1));
    }

    private static List<GenerateResponse> events(GenerateRequest.Builder request) {
        List<GenerateResponse> events = new ArrayList<>();
        generation.withDeadlineAfter(30, TimeUnit.SECONDS).generate(request.build()).forEachRemaining(events::add);
        return events;
    }

    /** All codes of an image, rebuilt from the Tokens of a whole stream alone. */
    private static LatentTokens tokens(List<GenerateResponse> events, int image, ByteString prefix) {
        LatentTokens.Builder codes = LatentTokens.newBuilder();
        for (byte given : prefix) {
            codes.addCodes(given);
        }
        long sequence = 0;
        for (GenerateResponse event : events) {
            if (event.hasTokens()) {
                Tokens message = event.getTokens();
                assertThat(message.getSequence()).isEqualTo(sequence++);
                assertThat(message.getCodesList()).isNotEmpty();
                if (message.getImageIndex() == image) {
                    assertThat(message.getFirstIndex()).isEqualTo(codes.getCodesCount());
                    codes.addAllCodes(message.getCodesList());
                }
            }
        }
        assertThat(codes.getCodesList()).hasSize(CODES).allMatch(code -> code < 16);
        return codes.build();
    }

    private static ByteString pixels(List<GenerateResponse> events, int image) {
        List<Pixels> messages = events.stream()
                .filter(event -> event.hasPixels() && event.getPixels().getImageIndex() == image)
                .map(GenerateResponse::getPixels)
                .toList();
        assertThat(messages).hasSize(1); // its values are there all at once
        assertThat(messages.get(0).getFirstIndex()).isZero();
        return messages.get(0).getValues();
    }

    private static DecodeResponse decode(List<LatentTokens> given) {
        DecodeRequest.Builder request = DecodeRequest.newBuilder().setModel(PRIOR).setLabel(SAND);
        given.forEach(tokens -> request.addLatents(Latent.newBuilder().setTokens(tokens)));
        return latents.decode(request.build());
    }

    private static List<ImageResult> results(List<GenerateResponse> events) {
        return events.get(events.size() - 1).getFinished().getImagesList();
    }

    private static void assertRefused(ThrowingCallable call, Status.Code code, String reason) throws Exception {
        StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(refused.getStatus().getCode()).isEqualTo(code);
        assertThat(ErrorDetails.of(refused).reason()).isEqualTo(reason);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"UNRECOGNIZED", "CADENCE_MODE_PERCENT"})
    void imagesAreRebuiltFromPixelsAndDecodedAgainFromTokensAtEveryCadence(CadenceMode mode) {
        List<GenerateResponse> events = events(request(mode, 5, ByteString.EMPTY));
        List<LatentTokens> codes = new ArrayList<>();
        for (int image = 0; image < 5; image++) {
            codes.add(tokens(events, image, ByteString.EMPTY));
            assertThat(pixels(events, image).size()).isEqualTo(VALUES);
            assertThat(results(events).get(image).getSha256().toByteArray())
                    .isEqualTo(ScriptedGeneration.sha256(pixels(events, image).toByteArray()));
        }
        DecodeResponse decoded = decode(codes);
        for (int image = 0; image < 5; image++) {
            assertThat(decoded.getImages(image)).isEqualTo(pixels(events, image));
        }
        if (mode == CadenceMode.CADENCE_MODE_FINAL || mode == CadenceMode.CADENCE_MODE_PREVIEW) {
            assertThat(events).filteredOn(GenerateResponse::hasTokens).hasSize(5);
        }
        assertThat(events.stream().anyMatch(GenerateResponse::hasPreview))
                .isEqualTo(mode == CadenceMode.CADENCE_MODE_PREVIEW);
    }

    @Test
    void startedDescribesTheGridOfCodesAndFinishedTheirLikelihood() {
        List<GenerateResponse> events = events(request(CadenceMode.CADENCE_MODE_ROW, 1, ByteString.EMPTY));
        Started started = events.get(0).getStarted();
        assertThat(started.getSteps()).isEqualTo(CODES);
        assertThat(started.getOrder()).isEqualTo(GenerationOrder.GENERATION_ORDER_RASTER);
        assertThat(started.getGeometry().getWidth()).isEqualTo(6);
        assertThat(started.getCodes().getColumns()).isEqualTo(3);
        assertThat(started.getCodes().getRows()).isEqualTo(4);
        assertThat(started.getCodes().getCodes()).isEqualTo(16);
        assertThat(events).filteredOn(GenerateResponse::hasTokens)
                .allMatch(event -> event.getTokens().getCodesCount() % 3 == 0);
        ImageResult result = results(events).get(0);
        assertThat(result.getLikelihoodKind()).isEqualTo(LikelihoodKind.LIKELIHOOD_KIND_CODES);
        assertThat(result.getLogLikelihoodNats()).isNegative();
        assertThat(result.getBitsPerDim())
                .isCloseTo(-result.getLogLikelihoodNats() / (Math.log(2) * CODES), within(1e-12));
    }

    @Test
    void givenCodesAreContinuedAndNotSentBack() {
        ByteString prefix = ByteString.copyFrom(new byte[] {15, 0, 7, 7});
        List<GenerateResponse> events = events(request(CadenceMode.CADENCE_MODE_PIXEL, 2, prefix));
        LatentTokens whole = tokens(events, 1, prefix);
        assertThat(decode(List.of(whole)).getImages(0)).isEqualTo(pixels(events, 1));

        byte[] all = new byte[CODES];
        for (int i = 0; i < CODES; i++) {
            all[i] = (byte) whole.getCodes(i);
        }
        List<GenerateResponse> given =
                events(request(CadenceMode.CADENCE_MODE_PIXEL, 1, ByteString.copyFrom(all)));
        assertThat(given).noneMatch(GenerateResponse::hasTokens);
        assertThat(pixels(given, 0)).isEqualTo(pixels(events, 1));
        assertThat(results(given).get(0).getBitsPerDim()).isZero();
    }

    @Test
    void previewsComeFromTheDecoderAndEndWithTheImage() throws Exception {
        List<GenerateResponse> events = events(request(CadenceMode.CADENCE_MODE_PREVIEW, 1, ByteString.EMPTY));
        List<Preview> previews = events.stream()
                .filter(GenerateResponse::hasPreview).map(GenerateResponse::getPreview).toList();
        for (int i = 1; i < previews.size(); i++) {
            assertThat(previews.get(i).getStep()).isGreaterThan(previews.get(i - 1).getStep());
        }
        Preview last = previews.get(previews.size() - 1);
        assertThat(last.getStep()).isEqualTo(CODES);
        assertThat(last.getTotalSteps()).isEqualTo(CODES);
        BufferedImage picture = ImageIO.read(last.getImage().newInput());
        ByteString values = pixels(events, 0);
        for (int pixel = 0; pixel < VALUES / 3; pixel++) {
            int rgb = (values.byteAt(3 * pixel) & 0xFF) << 16 | (values.byteAt(3 * pixel + 1) & 0xFF) << 8
                    | values.byteAt(3 * pixel + 2) & 0xFF;
            assertThat(picture.getRGB(pixel % 6, pixel / 6)).isEqualTo(0xFF000000 | rgb);
        }
    }

    @Test
    void readerThatStopsGetsEverythingLater() throws Exception {
        StreamReader stalled = StreamReader.onlyWhenTold();
        server.generation().generate(request(CadenceMode.CADENCE_MODE_PREVIEW, 16, ByteString.EMPTY).build(), stalled);
        List<GenerateResponse> mate = events(request(CadenceMode.CADENCE_MODE_PIXEL, 16, ByteString.EMPTY));
        assertThat(stalled.all()).isEmpty();
        stalled.read(Integer.MAX_VALUE);
        assertThat(stalled.end()).isEqualTo(Status.OK);
        for (int image = 0; image < 16; image++) {
            assertThat(tokens(stalled.all(), image, ByteString.EMPTY)).isEqualTo(tokens(mate, image, ByteString.EMPTY));
            assertThat(pixels(stalled.all(), image)).isEqualTo(pixels(mate, image));
        }
    }

    @Test
    void scoreIsTheLikelihoodOfTheCodesAndSaysSo() throws Exception {
        ByteString image = ByteString.copyFrom(new byte[VALUES]);
        ScoreRequest.Builder request = ScoreRequest.newBuilder()
                .setModel(PRIOR).setLabel(SAND).addAllImages(Collections.nCopies(3, image)).setPerValue(true);
        List<ImageScore> scores = generation.score(request.build()).getScoresList();
        assertThat(scores).hasSize(3);
        ImageScore score = scores.get(0);
        assertThat(scores).allMatch(score::equals);
        assertThat(score.getKind()).isEqualTo(LikelihoodKind.LIKELIHOOD_KIND_CODES);
        assertThat(score.getValueLogLikelihoodsList()).hasSize(CODES);
        assertThat(score.getBitsPerDim())
                .isCloseTo(-score.getLogLikelihoodNats() / (Math.log(2) * CODES), within(1e-12));
        assertRefused(() -> generation.score(request.setImportanceSamples(2).build()),
                Status.Code.INVALID_ARGUMENT, "FIELD_NOT_SUPPORTED");
    }

    @Test
    void imagesAreEncodedToCodesAndNothingLiesBetweenTwo() throws Exception {
        ByteString image = ByteString.copyFrom(new byte[VALUES]);
        LatentTokens codes = latents.encode(EncodeRequest.newBuilder()
                        .setModel(PRIOR).setLabel(SAND).addImages(image).build())
                .getLatents(0)
                .getTokens();
        assertThat(codes.getCodesList()).hasSize(CODES);
        assertThat(decode(List.of(codes)).getImages(0).size()).isEqualTo(VALUES);
        InterpolationEnd end = InterpolationEnd.newBuilder().setImage(image).build();
        assertRefused(
                () -> latents.interpolate(InterpolateRequest.newBuilder()
                        .setModel(PRIOR).setLabel(SAND).setFrom(end).setTo(end).build()).hasNext(),
                Status.Code.FAILED_PRECONDITION, "INTERPOLATION_NOT_SUPPORTED");
    }

    @Test
    void modelIsDescribed() {
        Model model = ModelServiceGrpc.newBlockingStub(server.channel)
                .getModel(GetModelRequest.newBuilder().setModel(PRIOR).build())
                .getModel();
        assertThat(model.getSteps()).isEqualTo(CODES);
        assertThat(model.getOrder()).isEqualTo(GenerationOrder.GENERATION_ORDER_RASTER);
        assertThat(model.getLatent().getKind()).isEqualTo("tokens");
        assertThat(model.getLatent().getShapeList()).containsExactly(4, 3);
        assertThat(model.getLatent().getCodes()).isEqualTo(16);
        assertThat(model.getLikelihoodKind()).isEqualTo(LikelihoodKind.LIKELIHOOD_KIND_CODES);
        assertThat(model.getSlots()).isEqualTo(4);
        assertThat(model.getClassNamesList()).containsExactly("moss", "sand", "slate");
    }
}
