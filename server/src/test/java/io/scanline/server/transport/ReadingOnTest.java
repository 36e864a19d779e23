package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.Generations;
import io.scanline.server.engine.HoldLimits;
import io.scanline.server.engine.TinyBundle;
import io.scanline.v1.Cadence;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.CancelRequest;
import io.scanline.v1.CancelResponse;
import io.scanline.v1.ClassLabel;
import io.scanline.v1.Finished;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.ImageResult;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.OnDisconnect;
import io.scanline.v1.ResumeRequest;
import io.scanline.v1.ResumeResponse;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Streams of real models that break after every message in turn: what is read on is what would have come. */
@Timeout(120)
class ReadingOnTest {
    private static final int COUNT = 2;
    private static final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private static DecodingEngine engine;
    private static Generations generations;
    private static StreamWorkshop workshop;
    private static GenerationEndpoint endpoint;

    /** What a reader has of a generation: of every image its codes and then its values. */
    private static final class Received {
        private final int codes;
        private final List<ByteArrayOutputStream> images = new ArrayList<>();
        private Finished finished;

        Received(int codes) {
            this.codes = codes;
            for (int i = 0; i < COUNT; i++) {
                images.add(new ByteArrayOutputStream());
            }
        }

        /** Takes the messages of one stream and checks that nothing comes twice or is left out. */
        Received take(List<GenerateResponse> messages) {
            long pixels = 0;
            long tokens = 0;
            for (int i = 0; i < messages.size(); i++) {
                GenerateResponse message = messages.get(i);
                assertThat(message.hasStarted()).isEqualTo(i == 0);
                if (message.hasPixels()) {
                    ByteArrayOutputStream image = images.get(message.getPixels().getImageIndex());
                    assertThat(message.getPixels().getSequence()).isEqualTo(pixels++);
                    assertThat(codes + message.getPixels().getFirstIndex()).isEqualTo(image.size());
                    image.writeBytes(message.getPixels().getValues().toByteArray());
                } else if (message.hasTokens()) {
                    ByteArrayOutputStream image = images.get(message.getTokens().getImageIndex());
                    assertThat(message.getTokens().getSequence()).isEqualTo(tokens++);
                    assertThat(message.getTokens().getFirstIndex()).isEqualTo(image.size());
                    message.getTokens().getCodesList().forEach(image::write);
                } else if (message.hasFinished()) {
                    finished = message.getFinished();
                }
            }
            return this;
        }

        List<Integer> next() {
            return images.stream().map(ByteArrayOutputStream::size).toList();
        }

        List<ByteString> values() {
            return images.stream().map(image -> ByteString.copyFrom(image.toByteArray())).toList();
        }

        List<ByteString> digests() {
            return finished.getImagesList().stream().map(ImageResult::getSha256).toList();
        }
    }

    @BeforeAll
    static void start() {
        engine = DecodingEngine.open(new EngineConfig(TinyBundle.repository(), 4, 64, 16, 1, 1 << 20), meters);
        generations = new Generations(engine, HoldLimits.DEFAULT, meters);
        workshop = new StreamWorkshop(meters, 0);
        endpoint = new GenerationEndpoint(engine, generations, workshop, new Refusals(meters));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        assertThat(meters.get("scanline.held.generations").gauge().value()).isZero();
        assertThat(meters.get("scanline.held.bytes").gauge().value()).isZero();
        assertThat(workshop.streams().awaitNone(Duration.ofSeconds(10))).isTrue();
        assertThat(engine.drain(Duration.ofSeconds(10))).isTrue();
        generations.close();
        workshop.close();
        engine.close();
    }

    private static GenerateRequest request(String model, CadenceMode mode) {
        return GenerateRequest.newBuilder()
                .setModel(ModelSelector.newBuilder().setName(model))
                .setLabel(ClassLabel.newBuilder().setIndex(1))
                .setSeed(8)
                .setCount(COUNT)
                .setCadence(Cadence.newBuilder().setMode(mode).setIntervalMs(1))
                .setOnDisconnect(OnDisconnect.ON_DISCONNECT_FINISH_AND_HOLD)
                .build();
    }

    private static FakeCall<GenerateResponse, GenerateResponse> generate(GenerateRequest request, int messages) {
        FakeCall<GenerateResponse, GenerateResponse> call = new FakeCall<>(messages, message -> message);
        endpoint.generate(request, call);
        return call;
    }

    private static FakeCall<ResumeResponse, GenerateResponse> resume(String id, List<Integer> next, int messages) {
        FakeCall<ResumeResponse, GenerateResponse> call = new FakeCall<>(messages, ResumeResponse::getResponse);
        endpoint.resume(ResumeRequest.newBuilder().setGenerationId(id).addAllNextIndex(next).build(), call);
        return call;
    }

    private static String id(List<GenerateResponse> messages) {
        return messages.get(0).getStarted().getGenerationId();
    }

    private static int codes(String model) {
        return model.equals(TinyBundle.PRIOR) ? 12 : 0;
    }

    /** Messages of a reader that gets one for every value. */
    private static int mostMessages(String model) {
        return switch (model) {
            case TinyBundle.RING -> 2 + COUNT * 36;
            case TinyBundle.PRIOR -> 2 + COUNT * 13;
            default -> 2 + COUNT;
        };
    }

    @ParameterizedTest
    @CsvSource({
        "tiny-ring, CADENCE_MODE_PIXEL", "tiny-ring, CADENCE_MODE_ROW", "tiny-ring, CADENCE_MODE_PREVIEW",
        "tiny-prior, CADENCE_MODE_PIXEL", "tiny-prior, CADENCE_MODE_INTERVAL", "tiny-vae, CADENCE_MODE_PIXEL"
    })
    void brokenStreamIsReadOnFromEveryMessage(String model, CadenceMode mode) throws Exception {
        GenerateRequest request = request(model, mode);
        Received whole = new Received(codes(model)).take(generate(request, 1000).received());
        int most = mostMessages(model);
        for (int messages = 1; messages < most; messages++) {
            FakeCall<GenerateResponse, GenerateResponse> broken = generate(request, messages);
            List<GenerateResponse> first = broken.received();
            if (broken.isReady() || first.get(first.size() - 1).hasFinished()) {
                continue; // its values came in fewer messages
            }
            broken.leave();
            Received received = new Received(codes(model)).take(first);
            FakeCall<ResumeResponse, GenerateResponse> again = resume(id(first), received.next(), 2); // breaks as well
            List<GenerateResponse> second = again.received();
            received.take(second);
            if (received.finished == null) {
                again.leave();
                received.take(resume(id(first), received.next(), 1000).received());
            }
            assertThat(received.values()).isEqualTo(whole.values());
            assertThat(received.digests()).isEqualTo(whole.digests());
            assertThat(resume(id(first), List.of(), 1).end().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        }
    }

    @ParameterizedTest
    @CsvSource({"tiny-ring", "tiny-prior", "tiny-vae"})
    void newestReaderTakesOverAfterEveryMessage(String model) throws Exception {
        GenerateRequest request = request(model, CadenceMode.CADENCE_MODE_PIXEL);
        Received whole = new Received(codes(model)).take(generate(request, 1000).received());
        for (int messages = 1; messages < mostMessages(model) - 1; messages++) {
            FakeCall<GenerateResponse, GenerateResponse> older = generate(request, messages);
            List<GenerateResponse> first = older.received();
            if (first.get(first.size() - 1).hasFinished()) {
                continue; // its values came in fewer messages
            }
            Received received = new Received(codes(model)).take(first);
            received.take(resume(id(first), received.next(), 1000).received());
            assertThat(received.values()).isEqualTo(whole.values());
            assertThat(older.end().getCode()).isEqualTo(Status.Code.ABORTED);
            assertThat(ErrorDetails.of(older.failure()).reason()).isEqualTo("READER_REPLACED");
            assertThat(older.received()).hasSameSizeAs(first);
            older.leave(); // of no consequence
        }
    }

    @ParameterizedTest
    @CsvSource({"tiny-ring", "tiny-prior", "tiny-vae"})
    void generationIsCancelledByItsIdAfterEveryMessage(String model) throws Exception {
        GenerateRequest request = request(model, CadenceMode.CADENCE_MODE_PIXEL);
        for (int messages = 1; messages < mostMessages(model) - 1; messages++) {
            FakeCall<GenerateResponse, GenerateResponse> call = generate(request, messages);
            List<GenerateResponse> first = call.received();
            if (first.get(first.size() - 1).hasFinished()) {
                continue; // its values came in fewer messages
            }
            int cancelled = cancel(id(first), Optional.empty());
            if (cancelled == 0) { // every image was complete: the reader may read on
                assertThat(call.received()).hasSameSizeAs(first);
                call.leave();
            } else {
                assertThat(call.end().getCode()).isEqualTo(Status.Code.CANCELLED);
                assertThat(ErrorDetails.of(call.failure()).reason()).isEqualTo("GENERATION_CANCELLED");
            }
            assertThat(resume(id(first), List.of(), 1).end().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        }
    }

    @ParameterizedTest
    @CsvSource({"tiny-ring, CADENCE_MODE_FINAL", "tiny-ring, CADENCE_MODE_PIXEL", "tiny-prior, CADENCE_MODE_PIXEL"})
    void valuesOfACancelledImageAreSentAsFarAsTheyGo(String model, CadenceMode mode) throws Exception {
        GenerateRequest request = request(model, mode);
        Received whole = new Received(codes(model)).take(generate(request, 1000).received());
        FakeCall<GenerateResponse, GenerateResponse> call = generate(request, 1);
        String id = id(call.received());
        call.leave();
        int cancelled = cancel(id, Optional.of(1));
        Received received = new Received(codes(model)).take(resume(id, List.of(), 1000).received());
        ImageResult result = received.finished.getImages(1);
        assertThat(received.values().get(0)).isEqualTo(whole.values().get(0));
        assertThat(whole.values().get(1).startsWith(received.values().get(1))).isTrue();
        assertThat(result.getSha256().isEmpty()).isEqualTo(cancelled == 1);
        assertThat(result.getFinishReason().name())
                .isEqualTo(cancelled == 1 ? "FINISH_REASON_CANCELLED" : "FINISH_REASON_COMPLETE");
    }

    private static int cancel(String id, Optional<Integer> image) throws Exception {
        CancelRequest.Builder request = CancelRequest.newBuilder().setGenerationId(id);
        image.ifPresent(request::setImageIndex);
        CompletableFuture<Integer> images = new CompletableFuture<>();
        endpoint.cancel(request.build(), new StreamObserver<>() {
            @Override
            public void onNext(CancelResponse response) {
                images.complete(response.getImages());
            }

            @Override
            public void onError(Throwable failure) {
                images.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {}
        });
        return images.get(10, TimeUnit.SECONDS);
    }
}
