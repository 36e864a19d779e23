package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Reason;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The port for browsers. */
class WebPortTest {
    private static final String GENERATE = "scanline.v1.GenerationService/Generate";
    private static final HttpClient BROWSER = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static ScriptedEngine engine;
    private static TestServer server;

    @BeforeAll
    static void start() {
        engine = new ScriptedEngine(4, 4);
        server = new TestServer(engine);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
    }

    private static HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return get(server, path);
    }

    private static HttpResponse<byte[]> get(TestServer from, String path) throws IOException, InterruptedException {
        URI address = URI.create("http://127.0.0.1:" + from.server.webPort() + path);
        return BROWSER.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    @Test
    void grpcWebStreamsValueByValue() throws Exception {
        try (WebReader reader = new WebReader(BROWSER, server.server.webPort(), GENERATE,
                TestServer.request(CadenceMode.CADENCE_MODE_PIXEL).build())) {
            ScriptedGeneration generation = engine.next();
            List<GenerateResponse> messages = new ArrayList<>();
            messages.add(reader.next());
            for (int value = 0; value < 16; value++) {
                generation.decide(1);
                messages.add(reader.next());
                assertThat(messages.get(value + 1).getPixels().getFirstIndex()).isEqualTo(value);
            }
            messages.add(reader.next());

            assertThat(reader.next()).isNull();
            assertThat(reader.trailers()).contains("grpc-status: 0");
            TestServer.assertRebuilt(messages, new byte[0]);
        }
    }

    @Test
    void closedTabCancelsTheGeneration() throws Exception {
        HttpClient tab = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        ScriptedGeneration generation;
        try (WebReader reader = new WebReader(tab, server.server.webPort(), GENERATE,
                TestServer.request(CadenceMode.CADENCE_MODE_PIXEL).build())) {
            generation = engine.next();
            reader.next();
        }
        // HTTP/1.1 notices at the next write at the latest.
        generation.decide(1);

        generation.cancelled().get(10, TimeUnit.SECONDS);
    }

    @Test
    void grpcWebRefusalCarriesItsDetails() throws Exception {
        try (WebReader reader = new WebReader(BROWSER, server.server.webPort(), GENERATE,
                io.scanline.v1.GenerateRequest.getDefaultInstance())) {
            String status = reader.header("grpc-status");
            String details = reader.header("grpc-status-details-bin");
            if (status.isEmpty()) {
                assertThat(reader.next()).isNull();
                status = trailer(reader, "grpc-status");
                details = trailer(reader, "grpc-status-details-bin");
            }
            assertThat(status).isEqualTo(Integer.toString(Status.Code.INVALID_ARGUMENT.value()));
            byte[] encoded = Base64.getMimeDecoder().decode(details);
            assertThat(ErrorDetails.of(com.google.rpc.Status.parseFrom(encoded)))
                    .isEqualTo(new ErrorDetails("scanline", "FIELD_REQUIRED", "model.name", -1));
        }
    }

    private static String trailer(WebReader reader, String name) {
        return reader.trailers().lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse("");
    }

    @Test
    void deadlineOfAWebCallReachesTheEngine() throws Exception {
        try (WebReader reader = new WebReader(BROWSER, server.server.webPort(), GENERATE,
                TestServer.request(CadenceMode.CADENCE_MODE_PIXEL).build(), "grpc-timeout", "400m")) {
            ScriptedGeneration generation = engine.next();
            assertThat(generation.request().deadlineNanos() - System.nanoTime())
                    .isLessThan(TimeUnit.MILLISECONDS.toNanos(400));
            generation.fail(EngineException.of(Reason.DEADLINE_EXCEEDED, "the deadline passed"));

            assertThat(reader.next().hasStarted()).isTrue();
            assertThat(reader.next()).isNull();
            assertThat(trailer(reader, "grpc-status"))
                    .isEqualTo(Integer.toString(Status.Code.DEADLINE_EXCEEDED.value()));
        }
    }

    @Test
    void webCallThatHangsPastItsDeadlineIsCutOff() throws Exception {
        try (WebReader reader = new WebReader(BROWSER, server.server.webPort(), GENERATE,
                TestServer.request(CadenceMode.CADENCE_MODE_PIXEL).build(), "grpc-timeout", "300m")) {
            engine.next().cancelled().get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void plainGrpcWorksOnTheWebPortToo() throws Exception {
        ManagedChannel channel = NettyChannelBuilder
                .forAddress("127.0.0.1", server.server.webPort()).usePlaintext().build();
        StreamReader reader = StreamReader.eager();
        GenerationServiceGrpc.newStub(channel)
                .generate(TestServer.request(CadenceMode.CADENCE_MODE_PIXEL).setCount(4).build(), reader);
        engine.next().finish();

        assertThat(reader.end()).isEqualTo(Status.OK);
        TestServer.assertRebuilt(reader.all(), new byte[0]);
        channel.shutdownNow();
    }

    @Test
    void metricsNameCallsAndStreams() throws Exception {
        StreamReader reader = StreamReader.eager();
        server.generation().generate(TestServer.request(CadenceMode.CADENCE_MODE_PIXEL).build(), reader);
        engine.next().finish();
        reader.end();

        assertThat(new String(get("/metrics").body())).contains(
                "scanline_stream_bytes_total{model=\"scripted\",version=\"1\"}",
                "scanline_stream_messages_total{model=\"scripted\",version=\"1\"}",
                "scanline_generations_total{model=\"scripted\",outcome=\"COMPLETE\",version=\"1\"}",
                "grpc_server_processing_duration_seconds_count{method=\"Generate\"");
    }

    @Test
    void healthzAnswersOnlyWhileServing() throws Exception {
        try (TestServer other = new TestServer(new ScriptedEngine(4, 4))) {
            assertThat(get(other, "/healthz").statusCode()).isEqualTo(200);

            other.server.drain(Duration.ofSeconds(5));

            assertThat(get(other, "/healthz").statusCode()).isEqualTo(503);
        }
    }

    @Test
    void contractIsServedAsDescriptors() throws Exception {
        HttpResponse<byte[]> response = get("/proto/scanline.binpb");

        assertThat(FileDescriptorSet.parseFrom(response.body()).getFileList()).extracting(FileDescriptorProto::getName)
                .contains("scanline/v1/generation.proto", "scanline/v1/common.proto");
        assertThat(response.headers().firstValue("x-content-type-options")).contains("nosniff");
    }

    @Test
    void modulesOfProtobufAreServedAsScripts() throws Exception {
        HttpResponse<byte[]> response = get("/_static/at/bufbuild/protobuf/2.12.0/dist/esm/index.js");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type").orElse("")).contains("javascript");
        assertThat(response.headers().firstValue("content-security-policy").orElse("")).contains("script-src 'self'");
    }

    @Test
    void pathsOutsideThePageAreNotFound() throws Exception {
        assertThat(get("/../logback.xml").statusCode()).isBetween(400, 404);
        assertThat(get("/%2e%2e/io/scanline/scanline.binpb").statusCode()).isBetween(400, 404);
        assertThat(get("/nothing").statusCode()).isEqualTo(404);
    }
}
