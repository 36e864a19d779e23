package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Generations;
import io.scanline.server.engine.HoldLimits;
import io.scanline.v1.Cadence;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Whatever the reader's pace, the model's pace and the cadence: the stream obeys its rules, the images are whole. */
class FlowControlPropertyTest {
    private static final int STEPS = 8 * 8;

    @Property(tries = 150)
    void anyInterleavingDeliversWholeImages(
            @ForAll("modes") CadenceMode mode,
            @ForAll @IntRange(min = 1, max = 4) int count,
            @ForAll @IntRange(max = STEPS) int given,
            @ForAll long seed) throws EngineException, InterruptedException {
        Random random = new Random(seed);
        byte[] prefix = new byte[given];
        GenerateRequest request = TestServer.request(mode)
                .setCadence(Cadence.newBuilder().setMode(mode).setIntervalMs(1))
                .setCount(count)
                .setPrefix(ByteString.copyFrom(prefix))
                .build();
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (StreamWorkshop workshop = new StreamWorkshop(registry, 0)) {
            ScriptedEngine engine = new ScriptedEngine(8, 8);
            MoodyReader reader = new MoodyReader();
            Generations generations = new Generations(engine, HoldLimits.DEFAULT, registry);
            new GenerationEndpoint(engine, generations, workshop, new Refusals(registry)).generate(request, reader);
            ScriptedGeneration generation = engine.next();
            for (int decided = given; decided < STEPS; ) {
                if (random.nextBoolean()) {
                    reader.read(random.nextInt(3));
                }
                int values = 1 + random.nextInt(6);
                generation.decide(values);
                decided += values;
            }
            generation.finish();
            reader.read(Integer.MAX_VALUE);

            assertThat(reader.completed.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(reader.overruns).isZero();
            if (given < STEPS) {
                TestServer.assertRebuilt(reader.messages, prefix);
            }
        }
    }

    @Provide
    Arbitrary<CadenceMode> modes() {
        return Arbitraries.of(CadenceMode.class).filter(mode ->
                mode != CadenceMode.UNRECOGNIZED && mode != CadenceMode.CADENCE_MODE_PERCENT);
    }

    /** A reader that is ready for as many messages as it was told to read. */
    private static final class MoodyReader extends ServerCallStreamObserver<GenerateResponse> {
        private final List<GenerateResponse> messages = new ArrayList<>();
        private final CountDownLatch completed = new CountDownLatch(1);
        private long wanted;
        private int overruns;
        private Runnable onReady;

        void read(int more) {
            synchronized (this) {
                wanted += more;
            }
            onReady.run();
        }

        @Override
        public synchronized boolean isReady() {
            return wanted > 0;
        }

        @Override
        public synchronized void onNext(GenerateResponse message) {
            overruns += wanted > 0 ? 0 : 1;
            wanted--;
            messages.add(message);
        }

        @Override
        public void onError(Throwable failure) {
            throw new AssertionError(failure);
        }

        @Override
        public void onCompleted() {
            completed.countDown();
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {
            onReady = handler;
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {}

        @Override
        public void setOnCloseHandler(Runnable handler) {}

        @Override
        public void setCompression(String compression) {}

        @Override
        public void request(int messageCount) {}

        @Override
        public void setMessageCompression(boolean enable) {}

        @Override
        public void disableAutoInboundFlowControl() {}
    }
}
