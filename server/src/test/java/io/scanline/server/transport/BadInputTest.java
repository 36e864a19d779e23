package io.scanline.server.transport;

import static io.grpc.Status.Code.DEADLINE_EXCEEDED;
import static io.grpc.Status.Code.FAILED_PRECONDITION;
import static io.grpc.Status.Code.INVALID_ARGUMENT;
import static io.grpc.Status.Code.NOT_FOUND;
import static io.grpc.Status.Code.RESOURCE_EXHAUSTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.TinyBundle;
import io.scanline.v1.BestOf;
import io.scanline.v1.Cadence;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.ClassLabel;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.ModelServiceGrpc;
import io.scanline.v1.GetModelRequest;
import io.scanline.v1.ListModelsRequest;
import io.scanline.v1.MaskedValues;
import io.scanline.v1.Model;
import io.scanline.v1.ModelState;
import io.scanline.v1.Sampling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad input to the real engine over the loopback interface, beside a bundle that is corrupt. */
class BadInputTest {
    private static final int STEPS = 64;
    private static final int LEVELS = 4;
    @TempDir
    static Path repository;

    private static DecodingEngine engine;
    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        copy(TinyBundle.directory(), repository.resolve("tiny/1"));
        copy(TinyBundle.directory(), repository.resolve("tiny/2"));
        Path description = repository.resolve("tiny/2/bundle.json");
        String second = Files.readString(description).replace("\"version\": \"1\"", "\"version\": \"2\"");
        Files.writeString(description, second);
        Files.write(repository.resolve("tiny/2/step.onnx"), new byte[100]);
        engine = DecodingEngine.open(EngineConfig.defaults(repository), new SimpleMeterRegistry());
        server = new TestServer(engine);
    }

    private static void copy(Path from, Path to) throws Exception {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
        engine.close();
    }

    private static GenerateRequest.Builder good() {
        return GenerateRequest.newBuilder()
                .setModel(ModelSelector.newBuilder().setName("tiny"))
                .setLabel(ClassLabel.newBuilder().setIndex(1))
                .setSeed(5);
    }

    private static MaskedValues given(int values, int mask, int everywhere) {
        byte[] bytes = new byte[mask];
        Arrays.fill(bytes, (byte) everywhere);
        return MaskedValues.newBuilder()
                .setValues(ByteString.copyFrom(new byte[values]))
                .setMask(ByteString.copyFrom(bytes))
                .build();
    }

    private static ModelSelector.Builder tiny(String version) {
        return ModelSelector.newBuilder().setName("tiny").setVersion(version);
    }

    @AfterEach
    void stillServes() throws Exception {
        StreamReader reader = StreamReader.eager();
        server.generation().generate(good().build(), reader);
        assertThat(reader.end()).isEqualTo(Status.OK);
        TestServer.assertRebuilt(reader.all(), new byte[0]);
    }

    static Stream<Arguments> badRequests() {
        return Stream.of(
                arguments("unknown model", good().setModel(ModelSelector.newBuilder().setName("nobody")),
                        NOT_FOUND, "MODEL_NOT_FOUND", "model.name"),
                arguments("unknown version", good().setModel(tiny("9")),
                        NOT_FOUND, "MODEL_NOT_FOUND", "model.version"),
                arguments("corrupt version", good().setModel(tiny("2")),
                        FAILED_PRECONDITION, "MODEL_NOT_SERVING", ""),
                arguments("no model", good().clearModel(), INVALID_ARGUMENT, "FIELD_REQUIRED", "model.name"),
                arguments("unknown class name", good().setLabel(ClassLabel.newBuilder().setName("unicorn")),
                        INVALID_ARGUMENT, "CLASS_NOT_FOUND", "label.name"),
                arguments("unknown class index", good().setLabel(ClassLabel.newBuilder().setIndex(3)),
                        INVALID_ARGUMENT, "CLASS_NOT_FOUND", "label.index"),
                arguments("class index above 2^31", good().setLabel(ClassLabel.newBuilder().setIndex(-1)),
                        INVALID_ARGUMENT, "CLASS_NOT_FOUND", "label.index"),
                arguments("class name against index",
                        good().setLabel(ClassLabel.newBuilder().setIndex(0).setName("vertical bar")),
                        INVALID_ARGUMENT, "CLASS_MISMATCH", "label.name"),
                arguments("no class", good().clearLabel(), INVALID_ARGUMENT, "CLASS_REQUIRED", "label"),
                arguments("count 0", good().setCount(0), INVALID_ARGUMENT, "COUNT_OUT_OF_RANGE", "count"),
                arguments("count above the limit", good().setCount(17),
                        INVALID_ARGUMENT, "COUNT_OUT_OF_RANGE", "count"),
                arguments("count above 2^31", good().setCount(-1), INVALID_ARGUMENT, "COUNT_OUT_OF_RANGE", "count"),
                arguments("negative temperature", good().setSampling(Sampling.newBuilder().setTemperature(-1)),
                        INVALID_ARGUMENT, "TEMPERATURE_OUT_OF_RANGE", "sampling.temperature"),
                arguments("temperature not a number",
                        good().setSampling(Sampling.newBuilder().setTemperature(Float.NaN)),
                        INVALID_ARGUMENT, "TEMPERATURE_OUT_OF_RANGE", "sampling.temperature"),
                arguments("infinite temperature",
                        good().setSampling(Sampling.newBuilder().setTemperature(Float.POSITIVE_INFINITY)),
                        INVALID_ARGUMENT, "TEMPERATURE_OUT_OF_RANGE", "sampling.temperature"),
                arguments("top_p 0", good().setSampling(Sampling.newBuilder().setTopP(0)),
                        INVALID_ARGUMENT, "TOP_P_OUT_OF_RANGE", "sampling.top_p"),
                arguments("prefix longer than the image", good().setPrefix(ByteString.copyFrom(new byte[STEPS + 1])),
                        INVALID_ARGUMENT, "PREFIX_TOO_LONG", "prefix"),
                arguments("value beyond the levels", good().setPrefix(ByteString.copyFrom(new byte[] {0, LEVELS})),
                        INVALID_ARGUMENT, "VALUE_OUT_OF_RANGE", "prefix"),
                arguments("unknown enum", good().setCadence(Cadence.newBuilder().setModeValue(77)),
                        INVALID_ARGUMENT, "ENUM_UNKNOWN", "cadence.mode"),
                arguments("interval above the limit", good().setCadence(Cadence.newBuilder().setIntervalMs(60_001)),
                        INVALID_ARGUMENT, "INTERVAL_OUT_OF_RANGE", "cadence.interval_ms"),
                arguments("percent above 100", good().setCadence(Cadence.newBuilder().setPercent(100.5f)),
                        INVALID_ARGUMENT, "PERCENT_OUT_OF_RANGE", "cadence.percent"),
                arguments("negative percent", good().setCadence(Cadence.newBuilder().setPercent(-1)),
                        INVALID_ARGUMENT, "PERCENT_OUT_OF_RANGE", "cadence.percent"),
                arguments("percent not a number", good().setCadence(Cadence.newBuilder().setPercent(Float.NaN)),
                        INVALID_ARGUMENT, "PERCENT_OUT_OF_RANGE", "cadence.percent"),
                arguments("preview above the limit", good().setCadence(Cadence.newBuilder().setPreviewSize(4097)),
                        INVALID_ARGUMENT, "PREVIEW_SIZE_OUT_OF_RANGE", "cadence.preview_size"),
                arguments("preview size above 2^31", good().setCadence(Cadence.newBuilder().setPreviewSize(-1)),
                        INVALID_ARGUMENT, "PREVIEW_SIZE_OUT_OF_RANGE", "cadence.preview_size"),
                arguments("no values for a mask", good().setGiven(MaskedValues.getDefaultInstance()),
                        INVALID_ARGUMENT, "GIVEN_SIZE_MISMATCH", "given.values"),
                arguments("mask too short", good().setGiven(given(STEPS, STEPS - 1, 1)),
                        INVALID_ARGUMENT, "GIVEN_SIZE_MISMATCH", "given.mask"),
                arguments("mask of twos", good().setGiven(given(STEPS, STEPS, 2)),
                        INVALID_ARGUMENT, "MASK_OUT_OF_RANGE", "given.mask"),
                arguments("prefix and mask",
                        good().setPrefix(ByteString.copyFrom(new byte[1])).setGiven(given(STEPS, STEPS, 1)),
                        INVALID_ARGUMENT, "FIELD_CONFLICT", "prefix"),
                arguments("more to keep than images", good().setCount(2).setBestOf(BestOf.newBuilder().setKeep(3)),
                        INVALID_ARGUMENT, "KEEP_OUT_OF_RANGE", "best_of.keep"),
                arguments("negative margin", good().setBestOf(BestOf.newBuilder().setMarginNats(-1)),
                        INVALID_ARGUMENT, "MARGIN_OUT_OF_RANGE", "best_of.margin_nats"),
                arguments("message above 4 MiB", good().setPrefix(ByteString.copyFrom(new byte[4 << 20])),
                        RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE", ""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badRequests")
    void badRequestIsRefusedWithStatusReasonAndField(
            String what, GenerateRequest.Builder request, Status.Code code, String reason, String field)
            throws Exception {
        StreamReader reader = StreamReader.eager();
        server.generation().generate(request.build(), reader);

        assertThat(reader.error().getStatus().getCode()).isEqualTo(code);
        assertThat(ErrorDetails.of(reader.error())).isEqualTo(new ErrorDetails("scanline", reason, field, -1));
        assertThat(reader.error().getStatus().getDescription())
                .isNotEmpty().doesNotContain("Exception", repository.toString());
        assertThat(reader.all()).isEmpty();
    }

    @Test
    void deadlineAlreadyPastIsNeverAdmitted() throws Exception {
        StreamReader reader = StreamReader.eager();
        server.generation().withDeadlineAfter(-1, TimeUnit.SECONDS).generate(good().build(), reader);

        assertThat(reader.end().getCode()).isEqualTo(DEADLINE_EXCEEDED);
        assertThat(reader.all()).isEmpty();
    }

    @Test
    void deadlineThatPassedOnTheWayIsNotServed() throws Exception {
        StreamReader reader = StreamReader.eager();
        GenerationServiceGrpc.newStub(server.channel)
                .withInterceptors(new TimeoutHeader("1n"))
                .generate(good().setCount(16).build(), reader);

        // The server resets the stream when its clock runs out; a client with a clock of its own calls it by its name.
        assertThat(reader.end().getCode()).isIn(DEADLINE_EXCEEDED, Status.Code.CANCELLED);
        assertThat(reader.all()).noneMatch(message -> message.hasFinished());
    }

    @Test
    void corruptVersionIsListedWithItsReasonAndTheOtherServes() {
        var stub = ModelServiceGrpc.newBlockingStub(server.channel);
        var models = stub.listModels(ListModelsRequest.getDefaultInstance()).getModelsList();

        assertThat(models).extracting(Model::getVersion).containsExactly("1", "2");
        assertThat(models.get(1).getState()).isEqualTo(ModelState.MODEL_STATE_NOT_SERVING);
        assertThat(models.get(1).getNotServingReason()).startsWith("BUNDLE_FILE_SIZE_MISMATCH: ");
        assertThat(stub.getModel(GetModelRequest.newBuilder()
                        .setModel(ModelSelector.newBuilder().setName("tiny")).build()).getModel().getVersion())
                .isEqualTo("1");
    }

    @Test
    void everyCadenceGivesTheSameImage() throws Exception {
        byte[] expected = null;
        for (CadenceMode mode : CadenceMode.values()) {
            if (mode == CadenceMode.UNRECOGNIZED || mode == CadenceMode.CADENCE_MODE_PERCENT) {
                continue;
            }
            StreamReader reader = StreamReader.eager();
            server.generation().generate(
                    good().setCadence(Cadence.newBuilder().setMode(mode).setIntervalMs(1)).build(), reader);
            assertThat(reader.end()).isEqualTo(Status.OK);
            byte[] image = TestServer.rebuild(reader.all(), new byte[0]).get(0);
            expected = expected == null ? image : expected;
            assertThat(image).isEqualTo(expected);
            TestServer.assertRebuilt(reader.all(), new byte[0]);
        }
    }

    /** Sends a timeout that the client itself knows nothing of. */
    private record TimeoutHeader(String timeout) implements ClientInterceptor {
        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                @Override
                public void start(Listener<A> listener, Metadata headers) {
                    headers.put(Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER), timeout);
                    super.start(listener, headers);
                }
            };
        }
    }
}
