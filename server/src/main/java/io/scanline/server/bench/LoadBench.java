package io.scanline.server.bench;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.contract.CpuKind;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.GuessMode;
import io.scanline.server.engine.ModelInfo;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Measures what users wait for when they come at times of their own: at shares of the capacity that is measured
 * before every load with users of the same kind, some leaving half-way, against static batches of the same engine in the
 * same run. Loads and sides take turns; medians over the rounds are compared.
 */
public final class LoadBench {
    private static final int[] LOADS = {30, 60, 80};
    private static final double QUITTING = 0.3;
    private static final double WARM_UP = 10; // times the time of a load, at most
    private static final double MICROS = 1e3;
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final String CANCEL = "scanline.cancel.to.slot.free";
    private static final String CANCEL_STEPS = "scanline.slot.free.steps";

    private final EngineConfig config;
    private final String modelName;
    private final double seconds;
    private final int rounds;

    /**
     * @param config the repository, slots, threads and limits; room for all who may wait
     * @param modelName which model; empty: the first that serves
     * @param seconds in which users come, for every load, side and round
     * @param rounds times that all take turns
     */
    public LoadBench(EngineConfig config, String modelName, double seconds, int rounds) {
        this.config = config;
        this.modelName = modelName;
        this.seconds = seconds;
        this.rounds = rounds;
    }

    /** Figures of one load, by round. */
    private final class Figures {
        private final double[] step = new double[rounds];
        private final double[] first = new double[rounds];
        private final double[] firstStatic = new double[rounds];
        private final double[] gap = new double[rounds];
        private final double[] gapStatic = new double[rounds];
        private long users;
    }

    /**
     * Measures all rows, once the compiler has little left to do.
     *
     * @param rows takes every row as soon as it is measured
     * @throws EngineException MODEL_NOT_FOUND when there is no such model, or a failure of the engine
     */
    public void run(Consumer<BenchRow> rows) throws EngineException, InterruptedException {
        runThroughput(rows);
        warmUp();
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        meters.config().meterFilter(percentiles());
        try (DecodingEngine engine = DecodingEngine.open(config, meters)) {
            ModelInfo model = BenchModels.drawingValues(engine, modelName);
            Figures[] loads = new Figures[LOADS.length];
            for (int i = 0; i < LOADS.length; i++) {
                loads[i] = new Figures();
            }
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < LOADS.length; i++) {
                    double pixels = capacity(engine, model);
                    loads[i].step[round] = model.slots() * 1e9 / pixels;
                    measure(engine, model, loads[i], LOADS[i], pixels, round);
                }
            }
            for (int i = 0; i < LOADS.length; i++) {
                rows(model, loads[i], LOADS[i], rows);
            }
            slotFree(meters, model, loads).forEach(rows);
        }
    }

    /**
     * Measures what all slots make over what one makes.
     *
     * @throws EngineException as above
     */
    public void runThroughput(Consumer<BenchRow> rows) throws EngineException {
        try (DecodingEngine engine =
                DecodingEngine.open(config.guessing(GuessMode.OFF), new SimpleMeterRegistry())) {
            rows.accept(throughput(engine, BenchModels.drawingValues(engine, modelName)));
        }
    }

    /** With an engine of its own, whose cancellations are not counted. */
    private void warmUp() throws EngineException, InterruptedException {
        try (DecodingEngine engine = DecodingEngine.open(config, new SimpleMeterRegistry())) {
            ModelInfo model = BenchModels.drawingValues(engine, modelName);
            WarmUp.repeat(WARM_UP * seconds, () -> {
                for (int load : LOADS) {
                    measure(engine, model, new Figures(), load, capacity(engine, model), 0);
                }
            });
        }
    }

    private void measure(
            DecodingEngine engine, ModelInfo model, Figures figures, int load, double pixelsPerSecond, int round)
            throws EngineException, InterruptedException {
        // Those who leave take half the steps.
        double usersPerSecond = load / 100.0 * pixelsPerSecond / (model.steps() * (1 - QUITTING / 2));
        for (int turn = 0; turn < 2; turn++) {
            OpenLoop users = new OpenLoop(engine, model);
            if ((turn + round) % 2 == 0) {
                users.run(OpenLoop.User::ask, usersPerSecond, seconds, QUITTING, round);
                figures.first[round] = users.firstPixelP99();
                figures.gap[round] = users.gapP99();
                figures.users += users.users();
            } else {
                try (StaticBatches batches = new StaticBatches(users, model.slots())) {
                    users.run(batches, usersPerSecond, seconds, QUITTING, round);
                }
                figures.firstStatic[round] = users.firstPixelP99();
                figures.gapStatic[round] = users.gapP99();
            }
        }
    }

    private void rows(ModelInfo model, Figures figures, int load, Consumer<BenchRow> rows) {
        String conditions = conditions(model) + ", " + figures.users + " users in all, 30 % leave half-way";
        rows.accept(row("first-pixel-p99-over-step load=" + load, figures.first, figures.step, conditions));
        rows.accept(row("first-pixel-p99-over-static load=" + load, figures.first, figures.firstStatic, conditions));
        rows.accept(row("pixel-gap-p99-over-step load=" + load, figures.gap, figures.step, conditions));
        rows.accept(row("pixel-gap-p99-over-static load=" + load, figures.gap, figures.gapStatic, conditions));
    }

    private static BenchRow row(String name, double[] ours, double[] reference, String conditions) {
        double[] ratio = new double[ours.length];
        for (int round = 0; round < ours.length; round++) {
            ratio[round] = ours[round] / reference[round];
        }
        return new BenchRow(
                name, BenchModels.median(ours) / MICROS, BenchModels.median(reference) / MICROS,
                BenchModels.median(ratio), "us (less is better)", conditions);
    }

    private BenchRow throughput(DecodingEngine engine, ModelInfo model) throws EngineException {
        double[][] rates = new double[2][rounds]; // of one stream, of all
        double[][] work = new double[2][rounds]; // microseconds of processor time a value
        double[] ratio = new double[rounds];
        capacity(engine, model); // compiles
        for (int round = 0; round < rounds; round++) {
            for (int turn = 0; turn < 2; turn++) {
                int side = (turn + round) % 2;
                try (Saturation load = new Saturation(engine, model, side == 1 ? model.slots() : 1)) {
                    Saturation.pause(seconds / 10);
                    long values = load.values();
                    long worked = PROCESS.getProcessCpuTime();
                    rates[side][round] = load.ratePerSecond(seconds / 2);
                    work[side][round] =
                            (PROCESS.getProcessCpuTime() - worked) / MICROS / (load.values() - values);
                }
            }
            ratio[round] = rates[1][round] / rates[0][round];
        }
        return new BenchRow(
                "throughput streams=" + model.slots() + " over streams=1", BenchModels.median(rates[1]),
                BenchModels.median(rates[0]), BenchModels.median(ratio), "pixels/s",
                conditions(model) + String.format(
                        Locale.ROOT, ", a value of every stream in a step, processor time a value %.1f us over %.1f us",
                        BenchModels.median(work[1]), BenchModels.median(work[0])));
    }

    /** Values a second when all slots are taken by such users, at all places of their images. */
    private double capacity(DecodingEngine engine, ModelInfo model) throws EngineException {
        try (Saturation load = new Saturation(engine, model, 2 * model.slots(), QUITTING)) {
            load.awaitMore((long) model.slots() * model.steps()); // those of the beginning have gone
            return load.ratePerSecond(seconds / 4);
        }
    }

    /** None: nobody left half-way. */
    private List<BenchRow> slotFree(SimpleMeterRegistry meters, ModelInfo model, Figures[] loads) {
        Tags tags = Tags.of(
                "model", model.name(), "version", model.version(), "precision", model.precisions().get(0));
        Timer time = meters.get(CANCEL).tags(tags).timer();
        if (time.count() == 0) {
            return List.of();
        }
        double p99 = time.takeSnapshot().percentileValues()[0].value(TimeUnit.NANOSECONDS) / MICROS;
        double step = BenchModels.median(loads[loads.length - 1].step) / MICROS;
        String conditions = conditions(model) + ", " + time.count() + " cancellations";
        return List.of(
                new BenchRow("cancel-to-slot-free-p99-in-steps",
                        meters.get(CANCEL_STEPS).tags(tags).summary().takeSnapshot().percentileValues()[0].value(), 1,
                        "steps that ended meanwhile (less is better)", conditions),
                new BenchRow(
                        "cancel-to-slot-free-p99-over-step", p99, step, "us (less is better)", conditions));
    }

    private static MeterFilter percentiles() {
        return new MeterFilter() {
            @Override
            public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig set) {
                return List.of(CANCEL, CANCEL_STEPS).contains(id.getName())
                        ? DistributionStatisticConfig.builder()
                                .percentiles(0.99)
                                .percentilePrecision(2)
                                .expiry(Duration.ofDays(1))
                                .build()
                                .merge(set)
                        : set;
            }
        };
    }

    private String conditions(ModelInfo model) {
        return String.format(
                Locale.ROOT,
                "%s/%s, %d slots, %d threads, %s, load average %.1f, in process, medians of %d rounds of %.1f s",
                model.name(), model.version(), config.slots(), config.threads(), CpuKind.current(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(), rounds, seconds);
    }
}
