package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import io.scanline.server.engine.Precedence;
import io.scanline.server.engine.Priority;
import io.scanline.server.engine.Standing;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.Waiting;
import java.net.http.HttpClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose request the engine is told of, how urgent it is, and what a reader hears while it waits. */
class SchedulingTest {
    private static final int STEPS = 16;
    private static ScriptedEngine engine;
    private static TestServer server;

    @BeforeAll
    static void start() {
        engine = new ScriptedEngine(4, STEPS / 4);
        server = new TestServer(engine);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
    }

    @BeforeEach
    void noScript() {
        engine.script(generation -> {});
    }

    private static GenerateRequest.Builder request() {
        return TestServer.request(CadenceMode.CADENCE_MODE_FINAL);
    }

    private static Metadata named(String client) {
        Metadata headers = new Metadata();
        headers.put(ClientName.HEADER, client);
        return headers;
    }

    private static Precedence precedenceOf(String client, GenerateRequest.Builder request) throws Exception {
        StreamReader reader = StreamReader.eager();
        server.generation()
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(named(client)))
                .generate(request.build(), reader);
        ScriptedGeneration generation = engine.next();
        generation.finish();
        assertThat(reader.end()).isEqualTo(Status.OK);
        return generation.request().precedence();
    }

    @Test
    void clientIsKnownByTheHeaderOrElseByItsAddress() throws Exception {
        assertThat(precedenceOf("team-7/anna@example.org:eu", request()).client())
                .isEqualTo("team-7/anna@example.org:eu");
        StreamReader reader = StreamReader.eager();
        server.generation().generate(request().build(), reader);
        ScriptedGeneration generation = engine.next();
        generation.finish();
        assertThat(reader.end()).isEqualTo(Status.OK);
        assertThat(generation.request().precedence()).isEqualTo(new Precedence("127.0.0.1", Priority.NORMAL));
    }

    @Test
    void browserIsKnownByItsAddressToo() throws Exception {
        HttpClient browser = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        String method = "scanline.v1.GenerationService/Generate";
        try (WebReader reader = new WebReader(browser, server.server.webPort(), method, request().build())) {
            ScriptedGeneration generation = engine.next();
            generation.finish();
            assertThat(reader.next().hasStarted()).isTrue();
            assertThat(generation.request().precedence().client()).isEqualTo("127.0.0.1");
        }
        try (WebReader reader = new WebReader(
                browser, server.server.webPort(), method, request().build(), "scanline-client", "page")) {
            ScriptedGeneration generation = engine.next();
            generation.finish();
            assertThat(reader.next().hasStarted()).isTrue();
            assertThat(generation.request().precedence().client()).isEqualTo("page");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "comma,", "x=1",
        "0123456789012345678901234567890123456789012345678901234567890123456789"})
    void badNameIsRefused(String name) throws Exception {
        StreamReader reader = StreamReader.eager();
        server.generation()
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(named(name)))
                .generate(request().build(), reader);
        assertThat(reader.error().getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(ErrorDetails.of(reader.error()))
                .isEqualTo(new ErrorDetails("scanline", "CLIENT_NAME_INVALID", "scanline-client", -1));
    }

    @ParameterizedTest
    @CsvSource({"0, NORMAL", "1, LOW", "2, NORMAL", "3, HIGH"})
    void priorityReachesTheEngine(int number, Priority priority) throws Exception {
        assertThat(precedenceOf("a", request().setPriorityValue(number)).priority()).isEqualTo(priority);
    }

    @Test
    void unknownPriorityIsRefused() throws Exception {
        StreamReader reader = StreamReader.eager();
        server.generation().generate(request().setPriorityValue(9).build(), reader);
        assertThat(reader.error().getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(ErrorDetails.of(reader.error()))
                .isEqualTo(new ErrorDetails("scanline", "ENUM_UNKNOWN", "priority", -1));
    }

    @Test
    void whoWaitsHearsAboutEverySecondWhereItIsUntilItStarts() throws Exception {
        engine.script(generation -> generation.stand(new Standing(5, 9000)));
        StreamReader reader = StreamReader.eager();
        server.generation().generate(request().build(), reader);
        ScriptedGeneration generation = engine.next();
        assertThat(reader.next().hasStarted()).isTrue();
        assertThat(reader.next().getWaiting()).isEqualTo(waiting(5, 9000));
        generation.stand(new Standing(1, Long.MAX_VALUE));
        assertThat(reader.next().getWaiting()).isEqualTo(waiting(1, Integer.MAX_VALUE));
        generation.stand(null);
        generation.finish();
        assertThat(reader.end()).isEqualTo(Status.OK);
        assertThat(reader.all()).filteredOn(GenerateResponse::hasWaiting).hasSize(2);
        TestServer.assertRebuilt(reader.all(), new byte[0]);
    }

    private static Waiting waiting(int position, int etaMillis) {
        return Waiting.newBuilder().setQueuePosition(position).setEtaMs(etaMillis).build();
    }
}
