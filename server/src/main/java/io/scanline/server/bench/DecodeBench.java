package io.scanline.server.bench;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.contract.CpuKind;
import io.scanline.server.engine.BundleReader;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.Reason;
import io.scanline.server.engine.VerifiedBundle;
import io.scanline.server.runtime.BareStepLoop;
import io.scanline.server.runtime.GraphException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Measures the engine against a bare step loop of the same graph with the same options, and against decoding without a
 * cache. Engine and bare loop take turns, the first of them changing every round; medians over the rounds are compared.
 */
public final class DecodeBench {
    private static final int[] SLOTS = {1, 4, 16};
    private static final int NAIVE_POINTS = 13;
    private static final double SECOND = 1e9;

    private final EngineConfig config;
    private final String modelName;
    private final int rounds;
    private final double minSeconds;

    /**
     * @param config the repository, threads and limits; slots are chosen by the rows
     * @param modelName which model; empty: the first that serves
     * @param rounds times that engine and bare loop take turns
     * @param minSeconds images are repeated until one turn takes at least about this long
     */
    public DecodeBench(EngineConfig config, String modelName, int rounds, double minSeconds) {
        this.config = config;
        this.modelName = modelName;
        this.rounds = rounds;
        this.minSeconds = minSeconds;
    }

    /**
     * Measures all rows.
     *
     * @param rows takes every row as soon as it is measured
     * @throws EngineException MODEL_NOT_FOUND or MODEL_NOT_SERVING when there is no such model, or a failure of the engine
     * @throws GraphException when the bare loop fails
     */
    public void run(Consumer<BenchRow> rows) throws EngineException, GraphException, InterruptedException {
        double alone = 0;
        for (int slots : SLOTS) {
            EngineConfig rowConfig = new EngineConfig(
                    config.models(), slots, 64, Math.max(slots, 16), config.threads(), config.maxBundleBytes());
            try (DecodingEngine engine = DecodingEngine.open(rowConfig, meters())) {
                ModelInfo model = choose(engine);
                VerifiedBundle bundle = read(model);
                try (BareStepLoop bare = bare(bundle, slots)) {
                    Turns turns = new Turns(new EngineLoad(engine, model), bare, model, slots);
                    BenchRow aligned = turns.row(false);
                    rows.accept(aligned);
                    rows.accept(turns.row(true));
                    alone = slots == 1 ? aligned.ours() : alone;
                }
                if (slots == SLOTS[SLOTS.length - 1]) {
                    rows.accept(naive(model, bundle, alone));
                }
            }
        }
    }

    /** The engine and the bare loop at one number of slots. */
    private final class Turns {
        private final EngineLoad engine;
        private final BareStepLoop bare;
        private final ModelInfo model;
        private final int slots;
        private final int steps;

        Turns(EngineLoad engine, BareStepLoop bare, ModelInfo model, int slots) {
            this.engine = engine;
            this.bare = bare;
            this.model = model;
            this.slots = slots;
            this.steps = model.bundle().orElseThrow().getAutoregression().getSteps();
        }

        BenchRow row(boolean ragged) throws EngineException, GraphException, InterruptedException {
            int[] first = new int[slots];
            for (int slot = 0; ragged && slot < slots; slot++) {
                first[slot] = slot * Math.max(1, steps / slots) % steps;
            }
            engine(ragged, 1); // warms both up
            double once = bare(first, ragged, 1) / SECOND;
            int repeats = (int) Math.max(1, Math.ceil(minSeconds / once));
            double[] ours = new double[rounds];
            double[] reference = new double[rounds];
            for (int round = 0; round < rounds; round++) {
                boolean engineFirst = round % 2 == 0;
                if (engineFirst) {
                    ours[round] = engine(ragged, repeats);
                }
                reference[round] = bare(first, ragged, repeats);
                if (!engineFirst) {
                    ours[round] = engine(ragged, repeats);
                }
            }
            double pixels = (double) repeats * slots * (ragged ? steps : steps - 1);
            return new BenchRow(
                    "engine-over-bare slots=" + slots + (ragged ? " ragged" : " aligned"),
                    pixels * SECOND / median(ours),
                    pixels * SECOND / median(reference),
                    "pixels/s",
                    conditions(model) + String.format(
                            Locale.ROOT, ", medians of %d rounds of %d images in turns", rounds, repeats * slots));
        }

        private double engine(boolean ragged, int repeats) throws EngineException, InterruptedException {
            return ragged ? engine.ragged(repeats) : engine.aligned(repeats);
        }

        private double bare(int[] first, boolean ragged, int repeats) throws GraphException {
            long nanos = 0;
            for (int i = 0; i < repeats; i++) {
                if (!ragged) {
                    bare.run(first, 0, 1, steps); // the engine's clock also starts after the first step
                }
                nanos += bare.run(first, ragged ? 0 : 1, steps, steps);
            }
            return nanos;
        }
    }

    private BenchRow naive(ModelInfo model, VerifiedBundle bundle, double ours) throws GraphException {
        int steps = bundle.bundle().getAutoregression().getSteps();
        int points = Math.min(NAIVE_POINTS, steps);
        double nanos = NaiveForward.imageNanos(bundle, config.threads(), points);
        return new BenchRow(
                "engine-over-naive slots=1",
                ours,
                steps * SECOND / nanos,
                "pixels/s",
                conditions(model) + ", naive: whole forward per pixel, timed at " + points
                        + " positions and integrated; ours: the aligned row");
    }

    private String conditions(ModelInfo model) {
        ImageGeometry geometry = model.bundle().orElseThrow().getGeometry();
        return String.format(
                Locale.ROOT,
                "%s/%s %dx%d, %d threads, %s, load average %.1f",
                model.name(), model.version(), geometry.getWidth(), geometry.getHeight(), config.threads(),
                CpuKind.current(), ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private ModelInfo choose(DecodingEngine engine) throws EngineException {
        ModelInfo model = modelName.isEmpty()
                ? engine.models().stream()
                        .filter(ModelInfo::serving)
                        .findFirst()
                        .orElseThrow(() -> EngineException.of(Reason.MODEL_NOT_FOUND, "no model serves"))
                : engine.model(modelName, "");
        if (!model.serving()) {
            throw model.failure().orElseThrow();
        }
        return model;
    }

    private VerifiedBundle read(ModelInfo model) throws EngineException {
        return BundleReader.read(
                config.models().resolve(model.name()).resolve(model.version()), config.maxBundleBytes());
    }

    private BareStepLoop bare(VerifiedBundle bundle, int slots) throws GraphException {
        return new BareStepLoop(
                bundle.stepOnnx(), bundle.stepShape(), bundle.stepGraph().getTensorsMap(), slots, config.threads());
    }

    /** The registry that the server uses: measuring is part of what is measured. */
    private static PrometheusMeterRegistry meters() {
        return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
