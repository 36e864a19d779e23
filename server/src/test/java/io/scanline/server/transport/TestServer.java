package io.scanline.server.transport;

import io.grpc.ManagedChannel;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.scanline.server.engine.HoldLimits;
import io.scanline.server.engine.ImageEngine;
import io.scanline.v1.Cadence;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.ModelSelector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.Assertions;

/** The whole transport on free ports over an engine, and a channel to it over the loopback interface. */
final class TestServer implements AutoCloseable {
    final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    final ScanlineServer server;
    final ManagedChannel channel;

    TestServer(ImageEngine engine) {
        this(engine, HoldLimits.DEFAULT);
    }

    TestServer(ImageEngine engine, HoldLimits limits) {
        this(engine, limits, PortSettings.GATHER_MILLIS);
    }

    TestServer(ImageEngine engine, HoldLimits limits, int gatherMillis) {
        PortSettings settings = new PortSettings("127.0.0.1", 0, 0, 0, 4 << 20, gatherMillis);
        try {
            server = new ScanlineServer(engine, registry, settings, limits);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        channel = connect();
    }

    /** Returns as soon as the condition holds; fails the test when it does not in 20 seconds. */
    static void await(BooleanSupplier condition) {
        long begun = System.nanoTime();
        while (!condition.getAsBoolean()) {
            Assertions.assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(20));
            LockSupport.parkNanos(200_000);
        }
    }

    /** One more connection. */
    ManagedChannel connect() {
        return NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                .negotiationType(NegotiationType.PLAINTEXT)
                // So that a reader that stops is felt after 64 KiB.
                .flowControlWindow(1 << 16)
                .build();
    }

    GenerationServiceGrpc.GenerationServiceStub generation() {
        return GenerationServiceGrpc.newStub(channel);
    }

    static GenerateRequest.Builder request(CadenceMode mode) {
        return GenerateRequest.newBuilder()
                .setModel(ModelSelector.newBuilder().setName(ScriptedEngine.SERVING))
                .setCadence(Cadence.newBuilder().setMode(mode));
    }

    /** Rebuilds every image from the messages of a whole stream, and checks the rules that all streams obey. */
    static Map<Integer, byte[]> rebuild(List<GenerateResponse> messages, byte[] prefix) {
        Assertions.assertThat(messages.get(0).hasStarted()).isTrue();
        Assertions.assertThat(messages.get(messages.size() - 1).hasFinished()).isTrue();
        int steps = messages.get(0).getStarted().getSteps();
        Map<Integer, byte[]> images = new TreeMap<>();
        Map<Integer, Integer> filled = new TreeMap<>();
        long sequence = 0;
        for (GenerateResponse message : messages) {
            if (!message.hasPixels()) {
                continue;
            }
            var pixels = message.getPixels();
            Assertions.assertThat(pixels.getSequence()).isEqualTo(sequence++);
            int next = filled.getOrDefault(pixels.getImageIndex(), prefix.length);
            Assertions.assertThat(pixels.getFirstIndex()).isEqualTo(next);
            Assertions.assertThat(pixels.getValues().isEmpty()).isFalse();
            byte[] image = images.computeIfAbsent(pixels.getImageIndex(), index -> {
                byte[] fresh = new byte[steps];
                System.arraycopy(prefix, 0, fresh, 0, prefix.length);
                return fresh;
            });
            pixels.getValues().copyTo(image, next);
            filled.put(pixels.getImageIndex(), next + pixels.getValues().size());
        }
        Assertions.assertThat(filled.values()).allMatch(count -> count == steps);
        return images;
    }

    /** Checks that the rebuilt images are those that the stream's last message means. */
    static void assertRebuilt(List<GenerateResponse> messages, byte[] prefix) {
        Map<Integer, byte[]> images = rebuild(messages, prefix);
        var results = messages.get(messages.size() - 1).getFinished().getImagesList();
        Assertions.assertThat(images).hasSameSizeAs(results);
        results.forEach(result -> Assertions.assertThat(result.getSha256().toByteArray())
                .isEqualTo(ScriptedGeneration.sha256(images.get(result.getImageIndex()))));
    }

    @Override
    public void close() throws InterruptedException {
        channel.shutdownNow();
        channel.awaitTermination(5, TimeUnit.SECONDS);
        server.close();
    }
}
