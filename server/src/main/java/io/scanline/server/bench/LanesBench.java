package io.scanline.server.bench;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.scanline.contract.CpuKind;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EncodeRequest;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.ModelInfo;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * Measures what models on one machine leave each other: two that draw values, one with short steps and one with long
 * ones, saturated alone and together; and one-shot work (encoding single images, a fixed number a second whatever comes
 * of them) beside such a model and without. All conditions take turns, and medians over the rounds are compared.
 */
public final class LanesBench {
    private static final double SETTLE_SECONDS = 0.1;
    private static final double CALLS_PER_SECOND = 100;
    private static final double MICROS = 1e3;

    private final OperatingSystemMXBean process =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final EngineConfig config;
    private final List<String> drawing;
    private final String encoder;
    private final double seconds;
    private final int rounds;

    /**
     * @param config the repository, slots, threads and limits
     * @param drawing names of two models that draw values
     * @param encoder name of a model with an encoder
     * @param seconds of every condition in every round
     * @param rounds times that all conditions take turns
     */
    public LanesBench(EngineConfig config, List<String> drawing, String encoder, double seconds, int rounds) {
        this.config = config;
        this.drawing = List.copyOf(drawing);
        this.encoder = encoder;
        this.seconds = seconds;
        this.rounds = rounds;
    }

    /**
     * Measures all rows.
     *
     * @param rows takes every row as soon as it is measured
     * @throws EngineException MODEL_NOT_FOUND when there is no such model, or a failure of the engine
     */
    public void run(Consumer<BenchRow> rows) throws EngineException, InterruptedException {
        try (DecodingEngine engine =
                DecodingEngine.open(config, new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))) {
            ModelInfo first = BenchModels.drawingValues(engine, drawing.get(0));
            ModelInfo second = BenchModels.drawingValues(engine, drawing.get(1));
            ModelInfo encoding = BenchModels.serving(engine, encoder);
            share(engine, first, second, rows);
            beside(engine, encoding, first, rows);
            beside(engine, encoding, second, rows);
        }
    }

    /**
     * What a model makes.
     *
     * @param pixels values a second
     * @param processors processors that the process kept busy
     */
    private record Rate(double pixels, double processors) {}

    private void share(DecodingEngine engine, ModelInfo first, ModelInfo second, Consumer<BenchRow> rows)
            throws EngineException {
        List<ModelInfo> models = List.of(first, second);
        Rate[][] alone = new Rate[2][rounds];
        Rate[][] together = new Rate[2][rounds];
        for (int round = 0; round < rounds; round++) {
            for (int turn = 0; turn < 3; turn++) {
                switch ((turn + round) % 3) {
                    case 0 -> alone[0][round] = alone(engine, first);
                    case 1 -> alone[1][round] = alone(engine, second);
                    default -> together(engine, models, together, round);
                }
            }
        }
        for (int i = 0; i < 2; i++) {
            rows.accept(new BenchRow(
                    "share model=" + models.get(i).name() + " beside=" + models.get(1 - i).name(),
                    median(together[i], Rate::pixels),
                    median(alone[i], Rate::pixels),
                    BenchModels.median(ratios(together[i], alone[i], Rate::pixels)),
                    "pixels/s",
                    conditions(models.get(i)) + ", both saturated against this one alone"));
        }
        String conditions =
                conditions(first) + ", beside " + second.name() + "; 1: what running them alternately gives";
        rows.accept(sum("shares-over-alternating", alone, together, Rate::pixels, conditions));
        rows.accept(sum(
                "shares-over-alternating by processor time", alone, together,
                rate -> rate.pixels() / rate.processors(), conditions + " in the processor time that was used"));
    }

    private BenchRow sum(
            String name, Rate[][] alone, Rate[][] together, ToDoubleFunction<Rate> figure, String conditions) {
        double[] first = ratios(together[0], alone[0], figure);
        double[] second = ratios(together[1], alone[1], figure);
        double[] sums = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            sums[round] = first[round] + second[round];
        }
        double sum = BenchModels.median(sums);
        return new BenchRow(name, sum, 1, sum, "sum of both shares", String.format(
                Locale.ROOT, "%s; the shares are %.2f and %.2f",
                conditions, BenchModels.median(first), BenchModels.median(second)));
    }

    private static double[] ratios(Rate[] ours, Rate[] reference, ToDoubleFunction<Rate> figure) {
        double[] ratios = new double[ours.length];
        for (int i = 0; i < ours.length; i++) {
            ratios[i] = figure.applyAsDouble(ours[i]) / figure.applyAsDouble(reference[i]);
        }
        return ratios;
    }

    private static double median(Rate[] rates, ToDoubleFunction<Rate> figure) {
        return BenchModels.median(Arrays.stream(rates).mapToDouble(figure).toArray());
    }

    private Rate alone(DecodingEngine engine, ModelInfo model) throws EngineException {
        try (Saturation load = new Saturation(engine, model)) {
            return rates(List.of(load)).get(0);
        }
    }

    private void together(DecodingEngine engine, List<ModelInfo> models, Rate[][] rates, int round)
            throws EngineException {
        try (Saturation one = new Saturation(engine, models.get(0));
                Saturation other = new Saturation(engine, models.get(1))) {
            List<Rate> both = rates(List.of(one, other));
            rates[0][round] = both.get(0);
            rates[1][round] = both.get(1);
        }
    }

    private List<Rate> rates(List<Saturation> loads) throws EngineException {
        Saturation.pause(SETTLE_SECONDS);
        long[] before = loads.stream().mapToLong(Saturation::values).toArray();
        long processor = process.getProcessCpuTime();
        long begun = System.nanoTime();
        Saturation.pause(seconds);
        for (int i = 0; i < loads.size(); i++) {
            loads.get(i).awaitMore(before[i]);
        }
        double took = System.nanoTime() - begun;
        double processors = (process.getProcessCpuTime() - processor) / took;
        List<Rate> rates = new ArrayList<>();
        for (int i = 0; i < loads.size(); i++) {
            rates.add(new Rate((loads.get(i).values() - before[i]) * 1e9 / took, processors));
        }
        return rates;
    }

    /** One-shot calls beside a saturated model and without. */
    private void beside(DecodingEngine engine, ModelInfo encoding, ModelInfo drawing, Consumer<BenchRow> rows)
            throws EngineException, InterruptedException {
        double[] loaded = new double[rounds];
        double[] idle = new double[rounds];
        double[] over = new double[rounds];
        double[] step = new double[rounds];
        double[] raised = new double[rounds];
        encode(engine, encoding); // compiles
        for (int round = 0; round < rounds; round++) {
            for (int turn = 0; turn < 2; turn++) {
                if ((turn + round) % 2 == 0) {
                    idle[round] = encode(engine, encoding);
                } else {
                    try (Saturation load = new Saturation(engine, drawing)) {
                        Saturation.pause(SETTLE_SECONDS);
                        step[round] = drawing.slots() * 1e6 / load.ratePerSecond(seconds / 2);
                        loaded[round] = encode(engine, encoding);
                    }
                }
            }
            over[round] = loaded[round] / idle[round];
            raised[round] = (loaded[round] - idle[round]) / step[round];
        }
        String conditions = conditions(encoding) + ", " + (int) CALLS_PER_SECOND
                + " single images a second beside a saturated " + drawing.name() + " or nothing";
        rows.accept(new BenchRow(
                "embed-p99-over-idle beside=" + drawing.name(),
                BenchModels.median(loaded), BenchModels.median(idle), BenchModels.median(over),
                "us (less is better)", conditions));
        rows.accept(new BenchRow(
                "embed-p99-raised-over-step beside=" + drawing.name(),
                BenchModels.median(loaded) - BenchModels.median(idle),
                BenchModels.median(step),
                BenchModels.median(raised),
                "us (less is better)", conditions + "; the reference is a step of " + drawing.slots() + " slots"));
    }

    /** The 99th percentile of microseconds from when a call was due until its answer. */
    private double encode(DecodingEngine engine, ModelInfo encoding) throws EngineException, InterruptedException {
        Histogram nanos = new Histogram(3);
        EncodeRequest request = new EncodeRequest(
                encoding.name(), encoding.version(), BenchModels.label(encoding),
                List.of(new byte[encoding.values()]), Long.MAX_VALUE);
        long begun = System.nanoTime();
        int calls = (int) Math.max(1, seconds * CALLS_PER_SECOND);
        for (int call = 0; call < calls; call++) {
            long due = begun + (long) (call * 1e9 / CALLS_PER_SECOND);
            Saturation.pause((due - System.nanoTime()) / 1e9);
            try {
                engine.encode(request).get();
            } catch (ExecutionException failed) {
                if (failed.getCause() instanceof EngineException known) {
                    throw known;
                }
                throw new IllegalStateException(failed.getCause());
            }
            nanos.recordValue(System.nanoTime() - due); // a call that begins late has waited: nothing is left out
        }
        return nanos.getValueAtPercentile(99) / MICROS;
    }

    private String conditions(ModelInfo model) {
        return String.format(
                Locale.ROOT,
                "%s/%s, %d slots, %d threads, %s, load average %.1f, medians of %d rounds of %.1f s in turns",
                model.name(), model.version(), config.slots(), config.threads(), CpuKind.current(),
                process.getSystemLoadAverage(), rounds, seconds);
    }
}
