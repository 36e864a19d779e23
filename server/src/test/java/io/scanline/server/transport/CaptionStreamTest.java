package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.scanline.server.engine.Caption;
import io.scanline.server.engine.CaptionRequest;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EmbedInput;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Precedence;
import io.scanline.server.engine.SamplingOptions;
import io.scanline.server.engine.TinyBundle;
import io.scanline.v1.CaptionResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Readers that take what they want, and go when they want. */
@Timeout(60)
class CaptionStreamTest {
    private static DecodingEngine engine;
    private static StreamWorkshop workshop;
    private static byte[] image;

    @BeforeAll
    static void start() throws IOException {
        image = Files.readAllBytes(TinyBundle.repository().resolve("tiny-captioner/1/golden/0.pixels"));
        engine = DecodingEngine.open(
                new EngineConfig(TinyBundle.repository(), 1, 8, 1, 1, 1 << 20), new SimpleMeterRegistry());
        workshop = new StreamWorkshop(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), 0);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        assertThat(workshop.streams().awaitNone(Duration.ofSeconds(10))).isTrue();
        workshop.close();
        engine.close();
    }

    /** What a reader and its caption came to. */
    private record Read(FakeCall<CaptionResponse, CaptionResponse> call, CaptionStream stream, Caption caption) {}

    private static Read read(int wanted) throws EngineException {
        FakeCall<CaptionResponse, CaptionResponse> call = new FakeCall<>(wanted, message -> message);
        CaptionStream stream = new CaptionStream(call, workshop);
        call.setOnReadyHandler(stream::wake);
        call.setOnCancelHandler(stream::abandon);
        call.setOnCloseHandler(() -> {});
        workshop.streams().opened();
        Caption caption = engine.captions().caption(
                new CaptionRequest("tiny-captioner", "", new EmbedInput.Values(image),
                        new SamplingOptions(0, 0, 1), OptionalLong.of(1), 0, Long.MAX_VALUE, Precedence.ORDINARY),
                stream::wake);
        stream.begin(caption);
        return new Read(call, stream, caption);
    }

    @Test
    void readerGetsNoMoreThanItIsReadyFor() throws Exception {
        List<CaptionResponse> whole = read(100).call().received();
        assertThat(whole).hasSizeGreaterThan(5);
        for (int wanted = 0; wanted < whole.size(); wanted++) {
            Read read = read(wanted);
            // The caption goes on without its reader, and its slot is free for the next one.
            TestServer.await(() -> read.caption().result().isPresent());
            assertThat(read.call().received()).hasSize(wanted);
            assertThat(read.call().received().stream().skip(1).toList())
                    .isEqualTo(whole.subList(Math.min(1, wanted), wanted));
            read.call().leave();
        }
        assertThat(whole.get(0).hasStarted()).isTrue();
        assertThat(whole.get(whole.size() - 1).hasFinished()).isTrue();
    }

    @Test
    void readerThatLeavesGivesItsCaptionUp() throws Exception {
        Read read = read(1);
        read.call().leave();
        TestServer.await(() -> read.caption().failure().isPresent() || read.caption().result().isPresent());
        assertThat(workshop.streams().awaitNone(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void completeStreamEndsWell() throws Exception {
        assertThat(read(100).call().end()).isEqualTo(Status.OK);
    }
}
