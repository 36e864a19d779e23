package io.scanline.server.bench;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.scanline.contract.CpuKind;
import io.scanline.server.bench.SoakUser.Served;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.Reason;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.transport.PortSettings;
import io.scanline.server.transport.ScanlineServer;
import io.scanline.v1.GenerationServiceGrpc;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps a server at saturation for a while with users who read, cancel, come back, fork, steer and are slow, over
 * connections of the loopback interface. Whatever they read must be the images drawn one by one, value for value, and
 * when they have gone the server must hold what it held when they had first gone, after a tenth of the time. A buffer
 * that is lost, of the server or of the users, is a fault.
 */
public final class SoakBench {
    /** Where what a reader left unread is logged with a stack trace, unless the log is set up as for serving. */
    private static final Logger STREAM_ERRORS = Logger.getLogger("io.grpc.netty.NettyServerHandler");

    private static final int CONNECTIONS = 4;
    private static final double WARM_UP = 0.1;
    private static final long PATIENCE_NANOS = 120_000_000_000L;
    private static final long LOOK_NANOS = 5_000_000;
    private static final long MEGABYTE = 1 << 20;
    /** What may come and go: samples of timers, threads that linger for a minute, pools that are not full yet. */
    private static final long HEAP_SLACK = 8 * MEGABYTE;

    private static final long DIRECT_SLACK = 32 * MEGABYTE;
    private static final long RESIDENT_SLACK = 64 * MEGABYTE;
    private static final int THREAD_SLACK = 16;

    private final EngineConfig config;
    private final List<String> names;
    private final int streams;
    private final double seconds;
    private final int intervals;
    private final SoakTally tally = new SoakTally();

    /**
     * @param config the repository, slots, threads and limits; room for all streams
     * @param names models that draw values without texts; empty: all there are
     * @param streams users at once
     * @param seconds in which they come
     * @param intervals times that it is told how things are
     */
    public SoakBench(EngineConfig config, List<String> names, int streams, double seconds, int intervals) {
        this.config = config;
        this.names = names;
        this.streams = streams;
        this.seconds = seconds;
        this.intervals = intervals;
    }

    /**
     * Soaks.
     *
     * @param rows takes the rows at the end
     * @param notes takes a sentence at every interval, and one for every fault
     * @return whether nothing was lost, repeated, different or left behind
     * @throws EngineException MODEL_NOT_FOUND, MODEL_NOT_SERVING, or why a model cannot be loaded once more
     * @throws GraphException when it cannot be run
     * @throws IOException when no port can be opened
     */
    public boolean run(Consumer<BenchRow> rows, Consumer<String> notes)
            throws EngineException, GraphException, IOException, InterruptedException {
        STREAM_ERRORS.setLevel(Level.OFF);
        LeakReports.tellTo(leak -> {
            tally.count("LEAKED buffer");
            tally.fault(leak);
        });
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        List<Served> models = new ArrayList<>();
        List<ManagedChannel> channels = new ArrayList<>();
        try (DecodingEngine engine = DecodingEngine.open(config, registry);
                ScanlineServer server = new ScanlineServer(
                        engine, registry, new PortSettings("127.0.0.1", 0, 0, 0, 4 << 20))) {
            try {
                for (ModelInfo model : choose(engine)) {
                    models.add(new Served(model, new SoakReference(config, model)));
                }
                for (int i = 0; i < CONNECTIONS; i++) {
                    channels.add(NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort()).usePlaintext().build());
                }
                Footprint begin = soak(models, channels, registry, seconds * WARM_UP, 1, notes);
                Footprint end = soak(models, channels, registry, seconds * (1 - WARM_UP), intervals, notes);
                LeakReports.finish();
                judge(begin, end);
                rows(models, begin, end, rows);
            } finally {
                channels.forEach(ManagedChannel::shutdownNow);
                models.forEach(model -> model.reference().close());
            }
        }
        tally.faults().forEach(notes);
        return tally.faulty() == 0;
    }

    private List<ModelInfo> choose(DecodingEngine engine) throws EngineException {
        List<ModelInfo> chosen = new ArrayList<>();
        for (String name : names) {
            chosen.add(BenchModels.drawingValues(engine, name));
        }
        if (names.isEmpty()) {
            engine.models().stream()
                    .filter(model -> model.serving() && model.autoregressive() && model.codes().isEmpty())
                    .forEach(chosen::add);
        }
        chosen.removeIf(model -> model.prompt().isPresent());
        if (chosen.isEmpty()) {
            throw EngineException.of(Reason.MODEL_NOT_FOUND, "no model draws values without a text");
        }
        return chosen;
    }

    /** Lets users come for a while, waits until all is quiet, and looks. */
    private Footprint soak(
            List<Served> models, List<ManagedChannel> channels, PrometheusMeterRegistry registry, double time,
            int looks, Consumer<String> notes) throws InterruptedException {
        List<SoakUser> users = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            ManagedChannel channel = channels.get(i % channels.size());
            SoakUser user = new SoakUser(models, GenerationServiceGrpc.newStub(channel), tally, i + (long) time);
            users.add(user);
            threads.add(new Thread(user, "soak-user-" + i));
        }
        threads.forEach(Thread::start);
        for (int look = 1; look <= looks; look++) {
            Saturation.pause(time / looks);
            notes.accept(String.format(Locale.ROOT, "%.0f s: %s, %.0f slots taken, %.0f waiting; %s",
                    time * look / looks, Footprint.afterCollection(), sum(registry, "scanline.slots.active"),
                    sum(registry, "scanline.queue.depth"), tally));
        }
        users.forEach(SoakUser::stop);
        for (Thread thread : threads) {
            thread.join();
        }
        for (String open : List.of("scanline.slots.active", "scanline.queue.depth", "scanline.held.generations",
                "scanline.held.bytes")) {
            if (!within(() -> sum(registry, open) == 0)) {
                tally.fault(open + " is " + sum(registry, open) + " when everybody has gone");
            }
        }
        return Footprint.afterCollection();
    }

    private static double sum(PrometheusMeterRegistry registry, String gauge) {
        return registry.find(gauge).gauges().stream().mapToDouble(Gauge::value).sum();
    }

    private static boolean within(BooleanSupplier condition) {
        long begun = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begun > PATIENCE_NANOS) {
                return false;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return true;
    }

    private void judge(Footprint begin, Footprint end) {
        notMore("bytes of heap", end.heapBytes(), begin.heapBytes() + HEAP_SLACK);
        notMore("bytes of direct memory", end.directBytes(), begin.directBytes() + DIRECT_SLACK);
        notMore("threads", end.threads(), begin.threads() + THREAD_SLACK);
        if (Footprint.heapIsFixed()) { // else the heap alone may grow by more than any leak
            notMore("bytes resident", end.residentBytes(), begin.residentBytes() + RESIDENT_SLACK);
        }
    }

    private void notMore(String what, long found, long most) {
        if (found > most) {
            tally.fault(found + " " + what + " when everybody has gone, which is more than " + most);
        }
    }

    private void rows(List<Served> models, Footprint begin, Footprint end, Consumer<BenchRow> rows) {
        String conditions = String.format(
                Locale.ROOT, "%s, %d streams, %d slots, %d threads, %s, load average %.1f, %.0f s after %.0f s; %s",
                String.join(" ", models.stream().map(one -> one.model().name() + "/" + one.model().version()).toList()),
                streams, config.slots(), config.threads(), CpuKind.current(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(), seconds * (1 - WARM_UP),
                seconds * WARM_UP, tally);
        rows.accept(new BenchRow("soak-equal-over-finished", tally.equal(), tally.finished(), "images", conditions));
        rows.accept(bytes("soak-heap-over-begin", end.heapBytes(), begin.heapBytes(), conditions));
        rows.accept(bytes("soak-direct-over-begin", end.directBytes(), begin.directBytes(), conditions));
        rows.accept(bytes("soak-resident-over-begin", end.residentBytes(), begin.residentBytes(), conditions));
        rows.accept(new BenchRow(
                "soak-threads-over-begin", end.threads(), begin.threads(), "threads (less is better)", conditions));
    }

    private static BenchRow bytes(String name, long end, long begin, String conditions) {
        return new BenchRow(
                name, end / (double) MEGABYTE, begin / (double) MEGABYTE, "MiB (less is better)", conditions);
    }
}
