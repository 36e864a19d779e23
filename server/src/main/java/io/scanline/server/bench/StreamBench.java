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
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures what gRPC costs: the same requests over the loopback interface, every value in a message as soon as it is
 * decided, and straight into the engine. Both take turns on one engine, the first of them changing every round; medians
 * over the rounds are compared. Processor time is told beside them, since it says more than the clock on a machine that
 * has other work to do.
 */
public final class StreamBench {
    private static final double SECOND = 1e9;
    /** For each round that is measured, at most. */
    private static final double WARM_UP_SECONDS = 3;

    private final EngineConfig config;
    private final String modelName;
    private final int streams;
    private final int rounds;
    private final int gatherMillis;

    /**
     * @param config the repository, threads and limits; at least as many slots as streams
     * @param modelName which model; empty: the first that serves
     * @param streams streams at once, of one image each
     * @param rounds times that both sides take turns
     * @param gatherMillis as of {@link PortSettings}
     */
    public StreamBench(EngineConfig config, String modelName, int streams, int rounds, int gatherMillis) {
        this.config = config;
        this.modelName = modelName;
        this.streams = streams;
        this.rounds = rounds;
        this.gatherMillis = gatherMillis;
    }

    /**
     * Measures.
     *
     * @throws EngineException MODEL_NOT_FOUND or MODEL_NOT_SERVING when there is no such model, or a failure of the
     *     engine
     * @throws IOException when no port can be opened
     */
    public List<BenchRow> run() throws EngineException, IOException, InterruptedException {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (DecodingEngine engine = DecodingEngine.open(config, registry);
                ScanlineServer server = new ScanlineServer(
                        engine, registry, new PortSettings("127.0.0.1", 0, 0, 0, 4 << 20, gatherMillis))) {
            ModelInfo model = choose(engine);
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                    .usePlaintext()
                    // The reader only counts: it needs no threads of its own beside those that are measured.
                    .directExecutor()
                    .build();
            try {
                return List.of(
                        grpcOverEngine(
                                model, new StreamLoad(channel, model, streams), new CallLoad(engine, model, streams)),
                        matesOfSlowReader(model, new StreamLoad(channel, model, streams - 1)));
            } finally {
                channel.shutdownNow();
            }
        }
    }

    /** What the mates of a reader of 10 messages a second get, over what they get beside an eager one. */
    private BenchRow matesOfSlowReader(ModelInfo model, StreamLoad mates)
            throws EngineException, InterruptedException {
        Side ours = new Side(rounds, seed -> mates.nanosBeside(true, seed));
        Side reference = new Side(rounds, seed -> mates.nanosBeside(false, seed));
        takeTurns(ours, reference, () -> {});
        double pixels = (streams - 1.0) * model.bundle().orElseThrow().getAutoregression().getSteps();
        return new BenchRow(
                "beside-slow-over-beside-eager streams=" + streams,
                pixels * SECOND / median(ours.wall),
                pixels * SECOND / median(reference.wall),
                "pixels/s",
                String.format(Locale.ROOT,
                        "%s/%s, %d threads, %s, medians of %d rounds in turns, the other %d streams beside a reader "
                                + "of 10 messages a second or an eager one",
                        model.name(), model.version(), config.threads(), CpuKind.current(), rounds, streams - 1));
    }

    private void takeTurns(Side ours, Side reference, Runnable afterRound)
            throws EngineException, InterruptedException {
        for (int round = 0; round < rounds; round++) {
            long seed = 1 + (long) round * streams;
            boolean oursFirst = round % 2 == 0;
            (oursFirst ? ours : reference).take(round, seed);
            (oursFirst ? reference : ours).take(round, seed);
            afterRound.run();
        }
    }

    private BenchRow grpcOverEngine(ModelInfo model, StreamLoad grpc, CallLoad calls)
            throws EngineException, InterruptedException {
        Side ours = new Side(rounds, grpc::nanos);
        Side reference = new Side(rounds, calls::nanos);
        WarmUp.repeat(WARM_UP_SECONDS * rounds, () -> {
            calls.nanos(0);
            grpc.nanos(0);
        });
        AtomicLong messages = new AtomicLong();
        takeTurns(ours, reference, () -> messages.addAndGet(grpc.messages()));
        double pixels = (double) streams * model.bundle().orElseThrow().getAutoregression().getSteps();
        return new BenchRow(
                "grpc-over-engine streams=" + streams,
                pixels * SECOND / median(ours.wall),
                pixels * SECOND / median(reference.wall),
                "pixels/s",
                String.format(Locale.ROOT,
                        "%s/%s, %d threads, %s, medians of %d rounds in turns, one connection over loopback with the "
                                + "client in the same process, values of %d ms gathered, %.3f values a Pixels message, "
                                + "processor time a pixel %.0f us over gRPC with its client and %.0f us in process",
                        model.name(), model.version(), config.threads(), CpuKind.current(), rounds,
                        gatherMillis, pixels * rounds / messages.get(),
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
            ModelInfo model = engine.model(modelName, "");
            if (model.serving() && !drawsValues(model)) {
                throw EngineException.of(Reason.MODEL_NOT_FOUND, "the model draws no values that could be measured");
            }
            return model;
        }
        return engine.models().stream()
                .filter(model -> model.serving() && drawsValues(model))
                .findFirst()
                .orElseThrow(() -> EngineException.of(Reason.MODEL_NOT_FOUND, "no autoregressive model serves"));
    }

    private static boolean drawsValues(ModelInfo model) {
        return model.autoregressive() && model.codes().isEmpty();
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
