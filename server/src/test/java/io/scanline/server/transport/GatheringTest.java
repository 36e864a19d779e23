package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.scanline.server.engine.HoldLimits;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.GenerateResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How values that are decided one after the other come together in messages. */
@Timeout(30)
class GatheringTest {
    private static final int LONG_MILLIS = 1000; // much longer than it takes to decide three values

    private final ScriptedEngine engine = new ScriptedEngine(4, 2);

    private ScriptedGeneration call(TestServer server, StreamReader reader) throws InterruptedException {
        server.generation().generate(TestServer.request(CadenceMode.CADENCE_MODE_PIXEL).build(), reader);
        ScriptedGeneration generation = engine.next();
        assertThat(reader.next().hasStarted()).isTrue();
        return generation;
    }

    @Test
    void serverThatIsBusySendingGathersWhatIsDecidedMeanwhile() throws Exception {
        try (TestServer server = new TestServer(engine, HoldLimits.DEFAULT, LONG_MILLIS)) {
            StreamReader reader = StreamReader.eager();
            ScriptedGeneration generation = call(server, reader); // it has just sent the first message
            for (int value = 0; value < 3; value++) {
                generation.decide(1);
            }
            GenerateResponse message = reader.next();
            assertThat(message.getPixels().getFirstIndex()).isZero();
            assertThat(message.getPixels().getValues().size()).isEqualTo(3);
            generation.finish();
            assertThat(reader.end()).isEqualTo(Status.OK);
        }
    }

    @Test
    void nothingIsGatheredWhereTheServerIsToldSo() throws Exception {
        try (TestServer server = new TestServer(engine, HoldLimits.DEFAULT, 0)) {
            StreamReader reader = StreamReader.eager();
            ScriptedGeneration generation = call(server, reader);
            for (int value = 0; value < 3; value++) {
                generation.decide(1);
                GenerateResponse message = reader.next();
                assertThat(message.getPixels().getFirstIndex()).isEqualTo(value);
                assertThat(message.getPixels().getValues().size()).isEqualTo(1);
            }
            generation.finish();
            assertThat(reader.end()).isEqualTo(Status.OK);
        }
    }
}
