package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.GenerationServiceGrpc;
import org.junit.jupiter.api.Test;

/** A reader that stops, on a connection with a 64 KiB window. */
class SlowReaderTest {
    private static final int SIDE = 256;

    @Test
    void stalledReaderGetsFewLongMessagesAndItsMateGetsEverything() throws Exception {
        ScriptedEngine engine = new ScriptedEngine(SIDE, SIDE);
        try (TestServer server = new TestServer(engine)) {
            ManagedChannel other = server.connect();
            StreamReader stalled = StreamReader.onlyWhenTold();
            server.generation().generate(TestServer.request(CadenceMode.CADENCE_MODE_PIXEL).build(), stalled);
            ScriptedGeneration forStalled = engine.next();
            StreamReader mate = StreamReader.eager();
            GenerationServiceGrpc.newStub(other)
                    .generate(TestServer.request(CadenceMode.CADENCE_MODE_PIXEL).build(), mate);
            ScriptedGeneration forMate = engine.next();

            for (int step = 0; step < SIDE * SIDE; step++) {
                forStalled.decide(1);
                forMate.decide(1);
            }

            // The mate is told everything while the other has read nothing at all.
            assertThat(mate.end()).isEqualTo(Status.OK);
            TestServer.assertRebuilt(mate.all(), new byte[0]);
            assertThat(stalled.all()).isEmpty();

            stalled.read(Integer.MAX_VALUE);
            assertThat(stalled.end()).isEqualTo(Status.OK);
            TestServer.assertRebuilt(stalled.all(), new byte[0]);
            // What the server and the connection hold for it: the 64 KiB window and gRPC's 32 KiB, in messages of 12 bytes
            // at least; the rest of the 65536 values came in few long ones.
            assertThat(stalled.all().size()).isLessThan((64 + 32) * 1024 / 12 + 10);
            other.shutdownNow();
        }
    }
}
