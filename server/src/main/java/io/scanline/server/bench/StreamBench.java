package io.scanline.server.bench;

import com.sun.management.OperatingSystemMXBean;
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
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;

/**
 * Measures what gRPC costs: the same requests over the loopback interface, every value in a message as soon as it is
 * decided, and straight into the engine. Both take turns on one engine, the first of them changing every round; medians
 * over the rounds are compared. Processor time is told beside them, since it says more than the clock on a machine that
 * has other work to do.
 */
public final class StreamBench {
    private static final double SECOND = 1e9;
    private static final int WARM_UPS = 2;

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
     * @throws EngineException MODEL_NOT_FOUND or MODEL_NOT_SERVING when there is no such model, or a failure of the
     *     engine
     * @throws IOException when no port can be opened
     */
    public BenchRow run() throws EngineException, IOException, InterruptedException {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (DecodingEngine engine = DecodingEngine.open(config, registry);
                ScanlineServer server = new ScanlineServer(
                        engine, registry, new PortSettings("127.0.0.1", 0, 0, 0, 4 << 20))) {
            ModelInfo model = choose(engine);
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                    .usePlaintext()
                    // The reader only counts: it needs no threads of its own beside those that are measured.
                    .directExecutor()
                    .build();
            try {
                return measure(model, new StreamLoad(channel, model, streams), new CallLoad(engine, model, streams));
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private BenchRow measure(ModelInfo model, StreamLoad grpc, CallLoad calls)
            throws EngineException, InterruptedException {
        Side ours = new Side(rounds, grpc::nanos);
        Side reference = new Side(rounds, calls::nanos);
        for (int warmUp = 0; warmUp < WARM_UPS; warmUp++) {
            calls.nanos(0);
            grpc.nanos(0);
        }
        long messages = 0;
        for (int round = 0; round < rounds; round++) {
            long seed = 1 + (long) round * streams;
            boolean grpcFirst = round % 2 == 0;
            (grpcFirst ? ours : reference).take(round, seed);
            (grpcFirst ? reference : ours).take(round, seed);
            messages += grpc.messages();
        }
        double pixels = (double) streams * model.bundle().orElseThrow().getAutoregression().getSteps();
        return new BenchRow(
                "grpc-over-engine streams=" + streams,
                pixels * SECOND / median(ours.wall),
                pixels * SECOND / median(reference.wall),
                "pixels/s",
                String.format(Locale.ROOT,
                        "%s/%s, %d threads, %s, medians of %d rounds in turns, one connection over loopback with the "
                                + "client in the same process, %.3f values a Pixels message, processor time a pixel "
                                + "%.0f us over gRPC with its client and %.0f us in process",
                        model.name(), model.version(), config.threads(), CpuKind.current(), rounds,
                        pixels * rounds / messages,
                        median(ours.processor) / pixels / 1000, median(reference.processor) / pixels / 1000));
    }

    /** Times of one side, in nanoseconds by round. */
    private static final class Side {
        private final OperatingSystemMXBean process =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        private final Load load;
        private final double[] wall;
        private final double[] processor;

        Side(int rounds, Load load) {
            this.load = load;
            this.wall = new double[rounds];
            this.processor = new double[rounds];
        }

        void take(int round, long seed) throws EngineException, InterruptedException {
            long before = process.getProcessCpuTime();
            wall[round] = load.nanos(seed);
            processor[round] = process.getProcessCpuTime() - before;
        }
    }

    private interface Load {
        long nanos(long seed) throws EngineException, InterruptedException;
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
