package io.scanline.server.bench;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.scanline.contract.CpuKind;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.Reason;
import io.scanline.server.transport.PortSettings;
import io.scanline.server.transport.ScanlineServer;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/**
 * Measures what gRPC costs: the same requests over the loopback interface, every value in a message as soon as it is
 * decided, and straight into the engine. Both take turns on one engine, the first of them changing every round; medians
 * over the rounds are compared.
 */
public final class StreamBench {
    private final EngineConfig config;
    private final String modelName;
    private final int streams;
    private final int rounds;

    /**
     * @param config the repository, threads and limits; at least as many slots as streams
     * @param modelName which model; empty: the first that serves
     * @param streams streams at once, of one image each
     * @param rounds times that both sides take turns
     */
    public StreamBench(EngineConfig config, String modelName, int streams, int rounds) {
        this.config = config;
        this.modelName = modelName;
        this.streams = streams;
        this.rounds = rounds;
    }

    /**
     * Measures.
     *
     * @throws EngineException MODEL_NOT_FOUND or MODEL_NOT_SERVING when there is no such model, or a failure of the engine
     * @throws IOException when no port can be opened
     */
    public BenchRow run() throws EngineException, IOException, InterruptedException {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (DecodingEngine engine = DecodingEngine.open(config, registry);
                ScanlineServer server = new ScanlineServer(
                        engine, registry, new PortSettings("127.0.0.1", 0, 0, 0, 4 << 20))) {
            ModelInfo model = choose(engine);
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort()).usePlaintext().build();
            try {
                return measure(model, new StreamLoad(channel, model, streams), new CallLoad(engine, model, streams));
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private BenchRow measure(ModelInfo model, StreamLoad grpc, CallLoad calls)
            throws EngineException, InterruptedException {
        calls.nanos(0);
        grpc.nanos(0);
        double[] ours = new double[rounds];
        double[] reference = new double[rounds];
        long messages = 0;
        for (int round = 0; round < rounds; round++) {
            long seed = 1 + (long) round * streams;
            boolean grpcFirst = round % 2 == 0;
            if (grpcFirst) {
                ours[round] = grpc.nanos(seed);
                messages += grpc.messages();
            }
            reference[round] = calls.nanos(seed);
            if (!grpcFirst) {
                ours[round] = grpc.nanos(seed);
                messages += grpc.messages();
            }
        }
        double pixels = (double) streams * model.bundle().orElseThrow().getAutoregression().getSteps();
        return new BenchRow(
                "grpc-over-engine streams=" + streams,
                pixels * 1e9 / median(ours),
                pixels * 1e9 / median(reference),
                "pixels/s",
                String.format(Locale.ROOT,
                        "%s/%s, %d threads, %s, medians of %d rounds in turns, one connection over loopback with the client "
                                + "in the same process, %.3f values a Pixels message",
                        model.name(), model.version(), config.threads(), CpuKind.current(), rounds,
                        pixels * rounds / messages));
    }

    private ModelInfo choose(DecodingEngine engine) throws EngineException {
        if (!modelName.isEmpty()) {
            return engine.model(modelName, "");
        }
        return engine.models().stream()
                .filter(ModelInfo::serving)
                .findFirst()
                .orElseThrow(() -> EngineException.of(Reason.MODEL_NOT_FOUND, "no model serves"));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
