package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.TinyBundle;
import io.scanline.v1.BestOf;
import io.scanline.v1.Cadence;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.ClassLabel;
import io.scanline.v1.FinishReason;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.ImageResult;
import io.scanline.v1.MaskedValues;
import io.scanline.v1.ModelSelector;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Masks and the likeliest of many, over real stubs against real graphs. */
@Timeout(60)
class CanvasServiceTest {
    private static DecodingEngine engine;
    private static TestServer server;
    private static GenerationServiceGrpc.GenerationServiceBlockingStub generation;

    @BeforeAll
    static void start() {
        EngineConfig config = new EngineConfig(TinyBundle.repository(), 3, 64, 16, 1, 256L << 20);
        engine = DecodingEngine.open(config, new SimpleMeterRegistry());
        server = new TestServer(engine);
        generation = GenerationServiceGrpc.newBlockingStub(server.channel);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
        engine.close();
    }

    private static GenerateRequest.Builder request(String model, int count) {
        return GenerateRequest.newBuilder()
                .setModel(ModelSelector.newBuilder().setName(model))
                .setLabel(ClassLabel.newBuilder().setIndex(1))
                .setSeed(12)
                .setCount(count);
    }

    private static List<GenerateResponse> events(GenerateRequest.Builder request) {
        List<GenerateResponse> events = new ArrayList<>();
        generation.withDeadlineAfter(30, TimeUnit.SECONDS).generate(request.build()).forEachRemaining(events::add);
        return events;
    }

    private static List<ImageResult> results(List<GenerateResponse> events) {
        return events.get(events.size() - 1).getFinished().getImagesList();
    }

    /** What was drawn of an image, values or codes, put together from its messages; nothing may be missing. */
    private static byte[] drawn(List<GenerateResponse> events, int image) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        boolean codes = events.get(0).getStarted().hasCodes();
        for (GenerateResponse event : events) {
            if (codes && event.hasTokens() && event.getTokens().getImageIndex() == image) {
                assertThat(event.getTokens().getFirstIndex()).isEqualTo(bytes.size());
                event.getTokens().getCodesList().forEach(bytes::write);
            } else if (!codes && event.hasPixels() && event.getPixels().getImageIndex() == image) {
                assertThat(event.getPixels().getFirstIndex()).isEqualTo(bytes.size());
                bytes.writeBytes(event.getPixels().getValues().toByteArray());
            }
        }
        return bytes.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {TinyBundle.NAME, TinyBundle.PRIOR})
    void givenValuesAreSentInTheirTurnWithThoseDrawn(String model) {
        List<GenerateResponse> plain = events(request(model, 1));
        int steps = plain.get(0).getStarted().getSteps();
        byte[] values = new byte[steps];
        byte[] mask = new byte[steps];
        int given = 0;
        for (int i = 0; i < steps; i++) {
            mask[i] = (byte) (i % 5 < 2 ? 1 : 0);
            values[i] = (byte) (mask[i] == 1 ? i % 4 : 99);
            given += mask[i];
        }
        List<GenerateResponse> painted = events(request(model, 1).setGiven(MaskedValues.newBuilder()
                .setValues(ByteString.copyFrom(values)).setMask(ByteString.copyFrom(mask))));
        byte[] image = drawn(painted, 0);
        assertThat(image).hasSize(steps).isNotEqualTo(drawn(plain, 0));
        for (int i = 0; i < steps; i++) {
            if (mask[i] == 1) {
                assertThat(image[i]).isEqualTo(values[i]);
            }
        }
        ImageResult result = results(painted).get(0);
        assertThat(result.getFinishReason()).isEqualTo(FinishReason.FINISH_REASON_COMPLETE);
        assertThat(result.getBitsPerDim())
                .isCloseTo(-result.getLogLikelihoodNats() / (Math.log(2) * (steps - given)), within(1e-9));
        if (!painted.get(0).getStarted().hasCodes()) {
            assertThat(result.getSha256().toByteArray()).isEqualTo(ScriptedGeneration.sha256(image));
        }
    }

    @ParameterizedTest
    @EnumSource(value = CadenceMode.class, names = "UNRECOGNIZED", mode = EnumSource.Mode.EXCLUDE)
    void wholeImageGivenByAMaskIsSentWhole(CadenceMode mode) {
        int steps = 64;
        byte[] all = new byte[steps];
        byte[] values = new byte[steps];
        for (int i = 0; i < steps; i++) {
            all[i] = 1;
            values[i] = (byte) (i % 4);
        }
        List<GenerateResponse> events = events(request(TinyBundle.NAME, 2)
                .setCadence(Cadence.newBuilder().setMode(mode).setIntervalMs(1))
                .setGiven(MaskedValues.newBuilder()
                        .setValues(ByteString.copyFrom(values)).setMask(ByteString.copyFrom(all))));
        assertThat(drawn(events, 0)).isEqualTo(values);
        assertThat(drawn(events, 1)).isEqualTo(values);
        assertThat(results(events).get(1).getBitsPerDim()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {TinyBundle.NAME, TinyBundle.PRIOR})
    void likeliestIsKeptAndTheOthersSayThatTheyWereAbandoned(String model) {
        int count = 6;
        List<GenerateResponse> plain = events(request(model, count));
        List<GenerateResponse> best = events(request(model, count).setBestOf(BestOf.getDefaultInstance()));
        int kept = 0;
        for (int i = 0; i < count; i++) {
            ImageResult result = results(best).get(i);
            byte[] drawn = drawn(best, i);
            byte[] whole = drawn(plain, i);
            assertThat(whole).startsWith(drawn);
            assertThat(result.getImageIndex()).isEqualTo(i);
            if (result.getFinishReason() == FinishReason.FINISH_REASON_COMPLETE) {
                kept++;
                assertThat(drawn).isEqualTo(whole);
                assertThat(result.getSha256()).isEqualTo(results(plain).get(i).getSha256());
                assertThat(result.getLogLikelihoodNats()).isEqualTo(results(plain).get(i).getLogLikelihoodNats());
            } else {
                assertThat(result.getFinishReason()).isEqualTo(FinishReason.FINISH_REASON_ABANDONED);
                assertThat(result.getSha256().isEmpty() || drawn.length == whole.length).isTrue();
            }
        }
        assertThat(kept).isEqualTo(1);
        assertThat(results(events(request(model, count)))).allMatch(
                result -> result.getFinishReason() == FinishReason.FINISH_REASON_COMPLETE);
    }
}
