package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerationServiceGrpc;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** However the reader goes away, its generation is cancelled. */
class GivingUpTest {
    private final GenerateRequest request = TestServer.request(CadenceMode.CADENCE_MODE_PIXEL).build();
    private ScriptedEngine engine;
    private TestServer server;

    @BeforeEach
    void start() {
        engine = new ScriptedEngine(8, 8);
        server = new TestServer(engine);
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.close();
    }

    @Test
    void cancelReachesTheGeneration() throws Exception {
        StreamReader reader = StreamReader.eager();
        server.generation().generate(request, reader);
        ScriptedGeneration generation = engine.next();
        generation.decide(1);
        reader.next();

        reader.cancel();

        generation.cancelled().get(10, TimeUnit.SECONDS);
        assertThat(reader.end().getCode()).isEqualTo(Status.Code.CANCELLED);
    }

    @Test
    void lostConnectionReachesTheGeneration() throws Exception {
        ManagedChannel connection = server.connect();
        GenerationServiceGrpc.newStub(connection).generate(request, StreamReader.eager());
        ScriptedGeneration generation = engine.next();

        connection.shutdownNow();

        generation.cancelled().get(10, TimeUnit.SECONDS);
    }

    @Test
    void deadlineReachesTheEngineAndEndsTheGeneration() throws Exception {
        StreamReader reader = StreamReader.eager();
        server.generation().withDeadlineAfter(300, TimeUnit.MILLISECONDS).generate(request, reader);
        ScriptedGeneration generation = engine.next();

        assertThat(generation.request().deadlineNanos() - System.nanoTime())
                .isLessThan(TimeUnit.MILLISECONDS.toNanos(300));
        generation.cancelled().get(10, TimeUnit.SECONDS);
        assertThat(reader.end().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }

    @Test
    void callWithoutDeadlineHasNone() throws Exception {
        server.generation().generate(request, StreamReader.eager());

        assertThat(engine.next().request().deadlineNanos()).isEqualTo(Long.MAX_VALUE);
    }
}
