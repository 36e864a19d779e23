package io.scanline.server.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.HoldLimits;
import io.scanline.server.engine.PlainImages;
import io.scanline.server.engine.TinyBundle;
import io.scanline.server.transport.PortSettings;
import io.scanline.server.transport.ScanlineServer;
import io.scanline.v1.CancelRequest;
import io.scanline.v1.ClassLabel;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.OnDisconnect;
import io.scanline.v1.ResumeRequest;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What thousands of readers leave behind who go away, over real connections to a real server. */
@Timeout(600)
class AbandonedStreamsTest {
    private static final Logger STREAM_ERRORS = Logger.getLogger("io.grpc.netty.NettyServerHandler");
    private static final String MODEL = "ring";
    private static final int VALUES = 36;
    /** 4,096 and the given values that there may be for a generation, 512 and its values for the image. */
    private static final long COUNTED_BYTES = 4096 + VALUES + 512 + VALUES;

    private static final int STREAMS = 10_000;
    private static final int HELD = 2_000;
    private static final int WAVE = 500;
    private static final int WAYS = 4;
    private static final int DEADLINE_SECONDS = 5;
    private static final int CHANNELS = 16;
    /** Bytes that a reader takes ahead: less than an image and its end, so that the server is left with them. */
    private static final int WINDOW = 64;

    /** The heap of a server that does nothing changes by less than this within a tenth of a second. */
    private static final long SETTLED_BYTES = 20_000;

    @TempDir
    private Path models;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final List<AbandonedReader> expiring = new ArrayList<>();
    private DecodingEngine engine;
    private ScanlineServer server;
    private int opened;

    @BeforeEach
    void start() throws Exception {
        TinyBundle.copyOf(TinyBundle.RING, models, MODEL);
        engine = DecodingEngine.open(new EngineConfig(models, 2, 2 * HELD, 1, 1, 64L << 20), registry);
        server = new ScanlineServer(
                engine, registry, new PortSettings("127.0.0.1", 0, 0, 0, 4 << 20),
                new HoldLimits(HELD * COUNTED_BYTES, 600_000, 60_000));
        for (int i = 0; i < CHANNELS; i++) {
            channels.add(connect());
            assertThat(generated(i)).hasSize(VALUES);
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        channels.forEach(ManagedChannel::shutdownNow);
        for (ManagedChannel channel : channels) {
            assertThat(channel.awaitTermination(60, TimeUnit.SECONDS)).isTrue(); // its memory is not the next test's
        }
        server.close();
        engine.close();
    }

    /** One connection after another. */
    private ManagedChannel channel() {
        return channels.get(opened++ % channels.size());
    }

    private ManagedChannel connect() {
        return NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort()).usePlaintext()
                .directExecutor()
                .flowControlWindow(WINDOW)
                .build();
    }

    private static GenerateRequest.Builder request(long seed) {
        return GenerateRequest.newBuilder()
                .setModel(ModelSelector.newBuilder().setName(MODEL))
                .setLabel(ClassLabel.newBuilder().setIndex(0))
                .setSeed(seed);
    }

    private static GenerateRequest held(long seed, int millis) {
        return request(seed).setOnDisconnect(OnDisconnect.ON_DISCONNECT_FINISH_AND_HOLD).setHoldMs(millis).build();
    }

    private AbandonedReader open(GenerateRequest request) {
        return AbandonedReader.of(GenerationServiceGrpc.newStub(channel()), request);
    }

    /** Opens so many streams at once, reads the first message of each and goes away in four ways. */
    private void wave(int streams, long seed) {
        ManagedChannel lost = connect();
        List<AbandonedReader> cancelling = new ArrayList<>();
        List<AbandonedReader> cutOff = new ArrayList<>();
        for (int i = 0; i < streams / WAYS; i++) {
            GenerateRequest request = request(seed + i).build();
            cancelling.add(open(request));
            cancelling.add(open(held(seed + i, 20)));
            cutOff.add(AbandonedReader.of(GenerationServiceGrpc.newStub(lost), request));
            expiring.add(AbandonedReader.of(
                    GenerationServiceGrpc.newStub(channel()).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS),
                    request));
        }
        expiring.forEach(AbandonedReader::awaitStartedOrEnded);
        cutOff.forEach(AbandonedReader::awaitStarted);
        cancelling.forEach(AbandonedReader::awaitStarted);
        cancelling.forEach(AbandonedReader::cancel);
        lost.shutdownNow();
        cutOff.forEach(AbandonedReader::readOn); // else the end waits here behind what was not read
        cutOff.forEach(reader -> assertThat(reader.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
        cancelling.forEach(reader -> assertThat(reader.end().getCode()).isEqualTo(Status.Code.CANCELLED));
        assertThat(awaitQuietly(lost)).isTrue();
    }

    private static boolean awaitQuietly(ManagedChannel lost) {
        try {
            return lost.awaitTermination(30, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void abandon(int streams) {
        for (int seed = 0; seed < streams; seed += WAVE) {
            wave(WAVE, seed);
        }
        // On a slow machine it may have been plain that a deadline would pass, or have passed on the way.
        expiring.forEach(reader -> assertThat(reader.end().getCode())
                .isIn(Status.Code.DEADLINE_EXCEEDED, Status.Code.RESOURCE_EXHAUSTED));
        expiring.clear();
        awaitNothingOpen();
    }

    private void awaitNothingOpen() {
        await(() -> gauge("scanline.slots.active") == 0 && gauge("scanline.queue.depth") == 0
                && gauge("scanline.held.generations") == 0 && gauge("scanline.held.bytes") == 0);
    }

    private double gauge(String name) {
        return registry.get(name).gauge().value();
    }

    /** Calls that the server was asked to answer. */
    private double received() {
        return registry.get("grpc.server.requests.received").tag("method", "Generate").counter().count();
    }

    /** Those of them that it has nothing to do with any more. */
    private long closed() {
        return registry.get("grpc.server.processing.duration").tag("method", "Generate").timers().stream()
                .mapToLong(Timer::count)
                .sum();
    }

    private static void await(BooleanSupplier condition) {
        long begun = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - begun).as("waited too long").isLessThan(TimeUnit.SECONDS.toNanos(120));
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Rebuilds the image of a stream. */
    private static byte[] values(Iterator<GenerateResponse> messages) {
        ByteArrayOutputStream values = new ByteArrayOutputStream();
        messages.forEachRemaining(message -> {
            assertThat(message.getPixels().getFirstIndex()).isEqualTo(message.hasPixels() ? values.size() : 0);
            values.writeBytes(message.getPixels().getValues().toByteArray());
        });
        return values.toByteArray();
    }

    private byte[] generated(long seed) {
        return values(GenerationServiceGrpc.newBlockingStub(channel()).generate(request(seed).build()));
    }

    @BeforeAll
    static void isSilent() {
        STREAM_ERRORS.setLevel(Level.OFF); // as the server's own configuration of the log has it
    }

    @Test
    void tenThousandAbandonedStreamsLeaveNothingBehind() throws Exception {
        abandon(2 * WAVE); // compiles, and fills the pools
        Footprint before = Footprint.afterCollection();

        abandon(STREAMS);

        await(() -> received() == closed());
        double opened = CHANNELS + 2 * WAVE + STREAMS;
        assertThat(received()).isBetween(opened - opened / WAYS, opened);
        assertThat(registry.get("scanline.held.expired").counter().count()).isPositive();
        Footprint after = Footprint.afterCollection();
        assertThat(after.heapBytes() - before.heapBytes()).as("heap").isLessThan(200L * STREAMS);
        assertThat(after.directBytes() - before.directBytes()).as("direct memory").isLessThan(8 << 20);
        assertThat(after.threads() - before.threads()).as("threads").isLessThanOrEqualTo(8);
        try (PlainImages plain = new PlainImages(TinyBundle.verified(TinyBundle.RING), 1)) {
            assertThat(generated(99)).isEqualTo(plain.draw(0, 99, new byte[0]));
        }
    }

    @Test
    void heldGenerationsTakeNoMoreMemoryThanTheyAreCountedWith() throws Exception {
        release(hold(HELD / 4)); // compiles, and fills the pools
        Footprint before = settled();

        List<String> ids = hold(HELD);

        await(() -> gauge("scanline.held.generations") == HELD && gauge("scanline.slots.active") == 0);
        assertThat(gauge("scanline.held.bytes")).isEqualTo(HELD * COUNTED_BYTES);
        Footprint holding = settled();
        assertThat(holding.directBytes() - before.directBytes()).isLessThan(8 << 20);
        StatusRuntimeException refused = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> GenerationServiceGrpc.newBlockingStub(channel()).generate(held(1, 1)).hasNext());
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);

        release(ids);
        Footprint after = settled();
        // Not against what was before: what other tests left behind goes away meanwhile.
        assertThat((holding.heapBytes() - after.heapBytes()) / HELD).isBetween(1L, COUNTED_BYTES);
        assertThat(after.heapBytes() - before.heapBytes()).isLessThan(1 << 20);
    }

    /** What is held once threads that were closing things, those of tests before this one too, have let go of them. */
    private static Footprint settled() {
        Footprint[] last = {Footprint.afterCollection()};
        await(() -> {
            LockSupport.parkNanos(100_000_000);
            Footprint before = last[0];
            last[0] = Footprint.afterCollection();
            return Math.abs(last[0].heapBytes() - before.heapBytes()) < SETTLED_BYTES;
        });
        return last[0];
    }

    /** Reads some of them on, whose bytes are right, and cancels the others, until nothing is held. */
    private void release(List<String> ids) throws Exception {
        try (PlainImages plain = new PlainImages(TinyBundle.verified(TinyBundle.RING), 1)) {
            for (int i = 0; i < ids.size(); i++) {
                GenerationServiceGrpc.GenerationServiceBlockingStub stub =
                        GenerationServiceGrpc.newBlockingStub(channel());
                if (i % (HELD / 10) != 0) {
                    stub.cancel(CancelRequest.newBuilder().setGenerationId(ids.get(i)).build());
                    continue;
                }
                List<GenerateResponse> rest = new ArrayList<>();
                stub.resume(ResumeRequest.newBuilder().setGenerationId(ids.get(i)).build())
                        .forEachRemaining(message -> rest.add(message.getResponse()));
                assertThat(values(rest.iterator())).isEqualTo(plain.draw(0, i, new byte[0]));
            }
        }
        awaitNothingOpen();
        ids.clear();
    }

    /** Lets so many generations be held, whose streams were cancelled after the first message; returns their names. */
    private List<String> hold(int generations) {
        List<String> ids = new ArrayList<>();
        while (ids.size() < generations) {
            List<AbandonedReader> readers = new ArrayList<>();
            for (int i = 0; i < WAVE / 2; i++) {
                readers.add(open(held(ids.size() + i, 600_000)));
            }
            for (AbandonedReader reader : readers) {
                reader.awaitStarted();
                ids.add(reader.id());
                reader.cancel();
            }
            readers.forEach(AbandonedReader::end);
        }
        return ids;
    }
}
