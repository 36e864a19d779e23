package io.scanline.server.bench;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.scanline.contract.CpuKind;
import io.scanline.server.engine.BundleReader;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.GuessMode;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.Reason;
import io.scanline.server.engine.ValueGrid;
import io.scanline.server.engine.VerifiedBundle;
import io.scanline.server.runtime.BareStepLoop;
import io.scanline.server.runtime.DjlStepLoop;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepLoop;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Measures the engine against a bare step loop of the same graph with the same options, against the Deep Java Library
 * driven step by step, against decoding without a cache, and late steps of an image against early ones. Engine and loop take turns of a few steps at the same
 * positions, the first of them changing every time; the ratio is the median over the turns, so that whatever else the
 * machine does hits both alike.
 */
public final class DecodeBench {
    private static final int[] SLOTS = {1, 4, 16};
    private static final int NAIVE_POINTS = 13;
    private static final double SECOND = 1e9;
    private static final int NAIVE_ROUNDS = 9;
    private static final int MIN_IMAGES = 4;

    private final EngineConfig config;
    private final String modelName;
    private final double minSeconds;
    private final boolean withLibrary;

    /**
     * @param config the repository, threads and limits; slots are chosen by the rows
     * @param modelName which model; empty: the first that serves, one that draws values before one that draws codes
     * @param minSeconds whole images are made until the engine has worked for about this long in each row
     * @param withLibrary whether the engine is measured against the Deep Java Library as well
     */
    public DecodeBench(EngineConfig config, String modelName, double minSeconds, boolean withLibrary) {
        this.config = config;
        this.modelName = modelName;
        this.minSeconds = minSeconds;
        this.withLibrary = withLibrary;
    }

    /**
     * Measures all rows.
     *
     * @param rows takes every row as soon as it is measured
     * @param notes takes a sentence for every row that is left out
     * @throws EngineException MODEL_NOT_FOUND when there is no such model, BUNDLE_* when it does not serve, or a
     *     failure of the engine
     * @throws GraphException when the bare loop fails
     */
    public void run(Consumer<BenchRow> rows, Consumer<String> notes)
            throws EngineException, GraphException, InterruptedException {
        boolean library = withLibrary && libraryIsReady(notes);
        for (int slots : SLOTS) {
            EngineConfig rowConfig = new EngineConfig(
                    config.models(), slots, 2 * slots, slots, config.threads(), config.maxBundleBytes());
            // One step at a time, as the bare loop takes them.
            try (DecodingEngine engine = DecodingEngine.open(rowConfig.guessing(GuessMode.OFF), meters())) {
                ModelInfo model = choose(engine);
                VerifiedBundle bundle = read(model);
                String name = "engine-over-bare slots=" + slots;
                try (StepLoop bare = new BareStepLoop(bundle.stepSource(), slots, config.threads())) {
                    rows.accept(row(name + " aligned", model, EngineStepper.aligned(engine, model), bare));
                    rows.accept(row(name + " ragged", model, EngineStepper.ragged(engine, model), bare));
                }
                if (library && DjlStepLoop.takes(bundle.stepSource())) {
                    try (StepLoop djl = new DjlStepLoop(bundle.stepSource(), slots, config.threads())) {
                        rows.accept(row(
                                "engine-over-djl slots=" + slots, model, EngineStepper.ragged(engine, model), djl));
                    }
                } else if (library && slots == 1) {
                    notes.accept("engine-over-djl is left out: what the steps of " + model.name()
                            + " read of each other is gathered between them, for which the library has no array.");
                }
                if (slots == 1) {
                    if (bundle.stepSource().shape().takesSpans()) {
                        rows.accept(naive(model, EngineStepper.aligned(engine, model), bundle));
                    } else {
                        notes.accept("engine-over-naive is left out: the graph of " + model.name()
                                + " takes one position in a run, so that it has no whole forward.");
                    }
                    rows.accept(lateOverEarly(model, EngineStepper.aligned(engine, model)));
                }
            }
        }
    }

    /**
     * Measures what steps in int8 give, if the model has them.
     *
     * @param rows takes every row as soon as it is measured
     * @param notes takes a sentence when it has not
     * @throws EngineException as {@link #run}
     * @throws GraphException when a graph fails
     */
    public void runPrecisions(Consumer<BenchRow> rows, Consumer<String> notes)
            throws EngineException, GraphException {
        ModelInfo model;
        try (DecodingEngine engine = DecodingEngine.open(config, meters())) {
            model = choose(engine);
        }
        VerifiedBundle bundle = read(model);
        if (PrecisionBench.measures(bundle)) {
            new PrecisionBench(bundle, config, conditions(model), minSeconds).run(rows);
        } else {
            notes.accept("int8-over-fp32 is left out: the bundle of " + model.name() + " has no step in int8.");
        }
    }

    /**
     * Measures what guessing gives, if the model has something to guess with.
     *
     * @param rows takes every row as soon as it is measured
     * @param notes takes a sentence when it has not
     * @throws EngineException as {@link #run}
     */
    public void runGuessing(Consumer<BenchRow> rows, Consumer<String> notes)
            throws EngineException, InterruptedException {
        GuessBench guess = guess(notes);
        if (guess != null) {
            guess.run(rows);
        }
    }

    /**
     * Compares the bytes of random requests with guessing and without, in every precision of the model.
     *
     * @param count of requests in each
     * @throws EngineException as {@link #run}
     */
    public void prove(int count, Consumer<String> notes) throws EngineException, InterruptedException {
        GuessBench guess = guess(notes);
        if (guess != null) {
            for (String precision : guess.precisions()) {
                int different = guess.prove(count, precision);
                notes.accept(count + " random requests" + (guess.precisions().size() > 1 ? " in " + precision : "")
                        + ": the bytes " + (different == 0 ? "are equal" : "of " + different + " differ")
                        + " with guessing and without.");
            }
        }
    }

    /** What measures guessing; null when the model has nothing to guess with. */
    private GuessBench guess(Consumer<String> notes) throws EngineException {
        try (DecodingEngine engine = DecodingEngine.open(config, meters())) {
            ModelInfo model = choose(engine);
            if (!model.bundle().orElseThrow().hasDraft()) {
                notes.accept("guess-over-plain is left out: the bundle of " + model.name() + " has no draft.");
                return null;
            }
            return new GuessBench(config, model, conditions(model), minSeconds);
        }
    }

    private boolean libraryIsReady(Consumer<String> notes) {
        boolean ready = DjlStepLoop.prepare();
        if (!ready) {
            notes.accept("engine-over-djl is left out: ONNX Runtime was in use before the library came.");
        }
        return ready;
    }

    private BenchRow row(String name, ModelInfo model, EngineStepper started, StepLoop reference)
            throws EngineException, GraphException, InterruptedException {
        try (EngineStepper engine = started) {
            return new StepTurns(engine, reference, model.bundle().orElseThrow().getAutoregression().getSteps())
                    .row(name, minSeconds, unit(model), conditions(model));
        }
    }

    private BenchRow naive(ModelInfo model, EngineStepper started, VerifiedBundle bundle)
            throws EngineException, GraphException, InterruptedException {
        int steps = bundle.bundle().getAutoregression().getSteps();
        int points = Math.min(NAIVE_POINTS, steps);
        double[] ours = new double[NAIVE_ROUNDS];
        double[] reference = new double[NAIVE_ROUNDS];
        double[] ratio = new double[NAIVE_ROUNDS];
        try (EngineStepper engine = started;
                NaiveForward naive = new NaiveForward(bundle, config.threads())) {
            naive.imageNanos(points);
            engine.run(steps);
            for (int round = 0; round < NAIVE_ROUNDS; round++) {
                double naiveNanos = round % 2 == 0 ? naive.imageNanos(points) : 0;
                ours[round] = steps * SECOND / engine.run(steps);
                naiveNanos = round % 2 == 0 ? naiveNanos : naive.imageNanos(points);
                reference[round] = steps * SECOND / naiveNanos;
                ratio[round] = ours[round] / reference[round];
            }
        }
        return new BenchRow(
                "engine-over-naive slots=1",
                median(ours),
                median(reference),
                median(ratio),
                unit(model),
                conditions(model) + ", naive: whole forward per value, timed at " + points
                        + " positions and integrated; medians of " + NAIVE_ROUNDS + " images in turns");
    }

    /** The last quarter of an image against its first: whether a step costs more, the more there is of the image. */
    private BenchRow lateOverEarly(ModelInfo model, EngineStepper started)
            throws EngineException, InterruptedException {
        ValueGrid grid = model.drawnGrid();
        int steps = grid.values();
        // Whole rows where there are enough of them, since a row's first step may be another one.
        int quarter = grid.height() >= 4 ? grid.height() / 4 * grid.rowLength() : Math.max(1, steps / 4);
        List<Double> late = new ArrayList<>();
        List<Double> early = new ArrayList<>();
        List<Double> ratio = new ArrayList<>();
        try (EngineStepper engine = started) {
            engine.run(steps - engine.positions()[0]);
            long begun = System.nanoTime();
            for (int image = 0; image < MIN_IMAGES || System.nanoTime() - begun < 2 * minSeconds * SECOND; image++) {
                double first = engine.run(quarter) / 1e3 / quarter;
                if (steps > 2 * quarter) {
                    engine.run(steps - 2 * quarter);
                }
                double last = engine.run(quarter) / 1e3 / quarter;
                if (image > 0) { // the first one compiles
                    early.add(first);
                    late.add(last);
                    ratio.add(last / first);
                }
            }
        }
        return new BenchRow(
                "step-late-over-early slots=1",
                median(late),
                median(early),
                median(ratio),
                "us/step (less is better)",
                conditions(model) + ", medians of " + ratio.size() + " images: mean of the last " + quarter
                        + " steps against that of the first");
    }

    private static String unit(ModelInfo model) {
        return model.codes().isPresent() ? "codes/s" : "pixels/s";
    }

    private String conditions(ModelInfo model) {
        ValueGrid grid = model.drawnGrid();
        return String.format(
                Locale.ROOT,
                "%s/%s %dx%d%s, %d threads, %s, load average %.1f",
                model.name(), model.version(), grid.width(), grid.height(),
                model.codes().isPresent() ? " codes, their images decoded meanwhile" : "", config.threads(),
                CpuKind.current(), ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private ModelInfo choose(DecodingEngine engine) throws EngineException {
        ModelInfo model = modelName.isEmpty()
                ? engine.models().stream()
                        .filter(candidate -> candidate.serving() && candidate.autoregressive() && !candidate.pipeline())
                        .min(Comparator.comparing(candidate -> candidate.codes().isPresent()))
                        .orElseThrow(() -> EngineException.of(Reason.MODEL_NOT_FOUND, "no autoregressive model serves"))
                : engine.model(modelName, "");
        if (!model.serving()) {
            throw model.failure().orElseThrow();
        }
        if (!model.autoregressive() || model.pipeline()) {
            throw EngineException.of(
                    Reason.MODEL_NOT_FOUND, "the model takes no steps of its own that could be measured");
        }
        return model;
    }

    private VerifiedBundle read(ModelInfo model) throws EngineException {
        return BundleReader.read(
                config.models().resolve(model.name()).resolve(model.version()), config.maxBundleBytes());
    }

    /** The registry that the server uses: measuring is part of what is measured. */
    private static PrometheusMeterRegistry meters() {
        return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    }

    private static double median(List<Double> values) {
        return median(values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private static double median(double[] values) {
        return BenchModels.median(values);
    }
}
