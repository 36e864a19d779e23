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
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.TinyBundle;
import io.scanline.v1.ClassifyRequest;
import io.scanline.v1.EmbedInput;
import io.scanline.v1.EmbedRequest;
import io.scanline.v1.EmbedResponse;
import io.scanline.v1.EmbedStreamRequest;
import io.scanline.v1.EmbedStreamResponse;
import io.scanline.v1.EmbeddingServiceGrpc;
import io.scanline.v1.GetModelRequest;
import io.scanline.v1.Model;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.ModelServiceGrpc;
import io.scanline.v1.RankRequest;
import io.scanline.v1.RankResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real stubs against real models that look at images and texts, their weights being random. */
@Timeout(60)
class EmbeddingServiceTest {
    private static final ModelSelector CLIP = ModelSelector.newBuilder().setName("tiny-clip").build();
    private static final ModelSelector CLASSES = ModelSelector.newBuilder().setName("tiny-classes").build();

    private static DecodingEngine engine;
    private static TestServer server;
    private static EmbeddingServiceGrpc.EmbeddingServiceBlockingStub embeddings;

    @BeforeAll
    static void start() {
        engine = DecodingEngine.open(
                new EngineConfig(TinyBundle.repository(), 1, 1, 1, 1, 1 << 20), new SimpleMeterRegistry());
        server = new TestServer(engine);
        embeddings = EmbeddingServiceGrpc.newBlockingStub(server.channel);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        assertThat(server.server.drain(Duration.ofSeconds(10))).isTrue(); // every stream was told its end
        server.close();
        engine.close();
    }

    private static EmbedInput text(String text) {
        return EmbedInput.newBuilder().setText(text).build();
    }

    private static EmbedInput values(int size) {
        return EmbedInput.newBuilder().setValues(ByteString.copyFrom(new byte[size])).build();
    }

    private static void assertRefused(ThrowingCallable call, Status.Code code, String reason, String field)
            throws Exception {
        StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(refused.getStatus().getCode()).isEqualTo(code);
        assertThat(ErrorDetails.of(refused).reason()).isEqualTo(reason);
        assertThat(ErrorDetails.of(refused).field()).isEqualTo(field);
    }

    @Test
    void inputsBecomeVectorsInTheirOrder() {
        EmbedRequest.Builder request = EmbedRequest.newBuilder().setModel(CLIP);
        EmbedResponse response =
                embeddings.embed(request.addInputs(text("cat")).addInputs(values(90)).addInputs(text("")).build());
        assertThat(response.getEmbeddingsList()).hasSize(3).allMatch(vector -> vector.getValuesCount() == 8);
        assertThat(response.getBundleDigest()).startsWith("sha256:");
        assertThat(embeddings.embed(request.clearInputs().addInputs(text("")).build()).getEmbeddings(0))
                .isEqualTo(response.getEmbeddings(2));
    }

    @Test
    void candidatesAreRankedAndImagesClassified() {
        RankResponse ranked = embeddings.rank(RankRequest.newBuilder()
                .setModel(CLIP).setQuery(values(90)).addCandidates(text("dog")).addCandidates(values(90)).build());
        assertThat(ranked.getCandidates(0).getIndex()).isEqualTo(1);
        assertThat(ranked.getCandidates(0).getCosine()).isCloseTo(1, within(1e-6f));
        assertThat(ranked.getCandidates(0).getProbability() + ranked.getCandidates(1).getProbability())
                .isCloseTo(1, within(1e-6f));
        assertThat(embeddings.classify(ClassifyRequest.newBuilder()
                        .setModel(CLASSES).addImages(values(16)).setTop(2).build())
                .getClassifications(0).getClassesList()).hasSize(2);
        assertThat(embeddings.classify(ClassifyRequest.newBuilder()
                        .setModel(CLIP).addImages(values(90)).addClassNames("cat").addClassNames("dog").build())
                .getClassifications(0).getClassesList()).hasSize(2);
    }

    @Test
    void refusalsNameReasonAndField() throws Exception {
        EmbedRequest.Builder request = EmbedRequest.newBuilder().setModel(CLIP);
        assertRefused(() -> embeddings.embed(EmbedRequest.getDefaultInstance()),
                Status.Code.INVALID_ARGUMENT, "FIELD_REQUIRED", "model.name");
        assertRefused(() -> embeddings.embed(request.addInputs(EmbedInput.getDefaultInstance()).build()),
                Status.Code.INVALID_ARGUMENT, "FIELD_REQUIRED", "inputs[0]");
        EmbedInput noPicture = EmbedInput.newBuilder().setPicture(ByteString.copyFromUtf8("no picture")).build();
        assertRefused(() -> embeddings.embed(request.clearInputs().addInputs(text("")).addInputs(noPicture).build()),
                Status.Code.INVALID_ARGUMENT, "PICTURE_FORMAT_UNKNOWN", "inputs[1].picture");
        assertRefused(
                () -> embeddings.embed(EmbedRequest.newBuilder().setModel(CLASSES).addInputs(text("")).build()),
                Status.Code.FAILED_PRECONDITION, "EMBEDDING_NOT_SUPPORTED", "");
        assertRefused(
                () -> embeddings.classify(ClassifyRequest.newBuilder().setModel(CLIP).addImages(values(90)).build()),
                Status.Code.FAILED_PRECONDITION, "CLASSIFY_NOT_SUPPORTED", "");
    }

    @Test
    void serviceIsHealthyAndTheModelIsDescribed() {
        assertThat(HealthGrpc.newBlockingStub(server.channel)
                        .check(HealthCheckRequest.newBuilder().setService("scanline.v1.EmbeddingService").build())
                        .getStatus())
                .isEqualTo(ServingStatus.SERVING);
        ModelServiceGrpc.ModelServiceBlockingStub models = ModelServiceGrpc.newBlockingStub(server.channel);
        Model clip = models.getModel(GetModelRequest.newBuilder().setModel(CLIP).build()).getModel();
        assertThat(clip.getEmbedding().getDimensions()).isEqualTo(8);
        assertThat(clip.getEmbedding().getTexts()).isTrue();
        assertThat(clip.getSteps()).isZero();
        Model classes = models.getModel(GetModelRequest.newBuilder().setModel(CLASSES).build()).getModel();
        assertThat(classes.hasEmbedding()).isFalse();
        assertThat(classes.getClassifierNamesList()).containsExactly("disc", "square", "cross");
    }

    /** Reads a stream as it is told to. */
    private static final class Reader implements ClientResponseObserver<EmbedStreamRequest, EmbedStreamResponse> {
        final List<EmbedStreamResponse> answers = new CopyOnWriteArrayList<>();
        final CompletableFuture<Status> end = new CompletableFuture<>();
        ClientCallStreamObserver<EmbedStreamRequest> inputs;

        @Override
        public void beforeStart(ClientCallStreamObserver<EmbedStreamRequest> stream) {
            inputs = stream;
            stream.disableAutoRequestWithInitial(0);
        }

        @Override
        public void onNext(EmbedStreamResponse answer) {
            answers.add(answer);
        }

        @Override
        public void onError(Throwable failure) {
            end.complete(Status.fromThrowable(failure));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }

        void send(ModelSelector model, EmbedInput input) {
            EmbedStreamRequest.Builder request = EmbedStreamRequest.newBuilder().setInput(input);
            inputs.onNext((model == null ? request : request.setModel(model)).build());
        }

        Status end() throws Exception {
            return end.get(20, TimeUnit.SECONDS);
        }
    }

    private static Reader open() {
        Reader reader = new Reader();
        EmbeddingServiceGrpc.newStub(server.channel).embedStream(reader);
        return reader;
    }

    @Test
    void streamAnswersInOrderAndOutlivesARefusedInput() throws Exception {
        Reader reader = open();
        reader.inputs.request(1000);
        reader.send(CLIP, text("0"));
        for (int i = 1; i < 40; i++) {
            reader.send(i % 2 == 0 ? CLIP : null, i % 5 == 3 ? text("x".repeat(30)) : text(Integer.toString(i)));
        }
        reader.send(CLASSES, text("another model"));
        reader.send(null, EmbedInput.getDefaultInstance());
        reader.inputs.onCompleted();
        assertThat(reader.end()).isEqualTo(Status.OK);
        assertThat(reader.answers).hasSize(42);
        for (int i = 0; i < 40; i++) {
            EmbedStreamResponse answer = reader.answers.get(i);
            assertThat(answer.getIndex()).isEqualTo(i);
            assertThat(answer.hasEmbedding()).isEqualTo(i % 5 != 3);
            assertThat(answer.getRefusal()).startsWith(i % 5 == 3 ? "TEXT_TOO_LONG: " : "");
        }
        assertThat(reader.answers.get(7).getEmbedding()).isEqualTo(embeddings.embed(EmbedRequest.newBuilder()
                .setModel(CLIP).addInputs(text("7")).build()).getEmbeddings(0));
        assertThat(reader.answers.get(40).getRefusal()).startsWith("MODEL_CHANGED: ");
        assertThat(reader.answers.get(41).getRefusal()).startsWith("FIELD_REQUIRED: ");
    }

    @Test
    void streamReadsNoMoreThanItCanAnswer() throws Exception {
        Reader reader = open();
        // Its messages are large, so that the connection's window shows when they are not read.
        String large = "x".repeat(9_000);
        int sent = 0;
        reader.send(CLIP, text(""));
        while (reader.inputs.isReady() && sent < 1000) {
            reader.send(null, text(large));
            sent++;
        }
        assertThat(sent).isLessThan(1000);
        reader.inputs.request(10_000);
        reader.inputs.onCompleted();
        assertThat(reader.end()).isEqualTo(Status.OK);
        assertThat(reader.answers).hasSize(sent + 1);
    }

    @Test
    void streamOfAModelThatIsNotThereEnds() throws Exception {
        Reader unknown = open();
        unknown.inputs.request(10);
        unknown.send(ModelSelector.newBuilder().setName("nobody").build(), text(""));
        assertThat(unknown.end().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        Reader unnamed = open();
        unnamed.inputs.request(10);
        unnamed.send(null, text(""));
        assertThat(unnamed.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void cancelledStreamLeavesNothingBehind() throws Exception {
        Reader reader = open();
        reader.send(CLIP, text("unread"));
        reader.inputs.cancel("enough", null);
        assertThat(reader.end().getCode()).isEqualTo(Status.Code.CANCELLED);
    }
}
