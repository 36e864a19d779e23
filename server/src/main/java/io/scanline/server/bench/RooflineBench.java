package io.scanline.server.bench;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.contract.CpuKind;
import io.scanline.server.engine.BundleReader;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.VerifiedBundle;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.MatrixProduct;
import io.scanline.server.runtime.StepGraph;
import io.scanline.server.runtime.StepProgram;
import io.scanline.server.runtime.StepSource;
import io.scanline.server.runtime.StepState;
import io.scanline.server.runtime.StepWork;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Measures a step in the middle of an image against the least time that this machine could take for it: its bytes over
 * the measured bandwidth of memory, or its arithmetic over that of a large matrix product, whichever is longer (S.
 * Williams, A. Waterman and D. Patterson, Roofline, Communications of the ACM 52 (4), 2009). Bandwidth, product and
 * steps take turns. A model that fits into a cache can be faster than memory.
 */
public final class RooflineBench {
    private static final int[] SLOTS = {1, 4, 16};
    private static final int STEPS_A_TURN = 20;
    private static final double SECOND = 1e9;

    private final EngineConfig config;
    private final String modelName;
    private final int rounds;

    /**
     * @param config the repository and threads
     * @param modelName which model; empty: the first that serves
     * @param rounds turns
     */
    public RooflineBench(EngineConfig config, String modelName, int rounds) {
        this.config = config;
        this.modelName = modelName;
        this.rounds = rounds;
    }

    /**
     * Measures all rows.
     *
     * @param rows takes every row as soon as it is measured
     * @throws EngineException MODEL_NOT_FOUND when there is no such model, or BUNDLE_* when it does not serve
     * @throws GraphException when the graph fails
     */
    public void run(Consumer<BenchRow> rows) throws EngineException, GraphException, InterruptedException {
        ModelInfo model;
        try (DecodingEngine engine = DecodingEngine.open(config, new SimpleMeterRegistry())) {
            model = BenchModels.drawingValues(engine, modelName);
        }
        VerifiedBundle bundle = BundleReader.read(
                config.models().resolve(model.name()).resolve(model.version()), config.maxBundleBytes());
        try (MemoryStream memory = new MemoryStream(config.threads());
                MatrixProduct product = new MatrixProduct(config.threads());
                StepGraph graph = StepGraph.load(bundle.stepSource(), config.threads())) {
            memory.bytesPerSecond(); // compiles
            product.operationsPerSecond();
            for (int slots : SLOTS) {
                try (StepState state = graph.newState(slots);
                        StepProgram program = graph.newProgram(state, 1)) {
                    rows.accept(row(model, bundle.stepSource(), program, memory, product));
                }
            }
        }
    }

    private BenchRow row(
            ModelInfo model, StepSource source, StepProgram program, MemoryStream memory, MatrixProduct product)
            throws GraphException, InterruptedException {
        int slots = program.slots();
        // In the middle of a row in the middle of the image: a row graph counts for its share and is not run.
        int position = model.steps() / 2 + (source.row() == null ? 0 : 1);
        StepWork work = StepWork.of(source, slots, position);
        double[] bandwidth = new double[rounds];
        double[] arithmetic = new double[rounds];
        double[] step = new double[rounds];
        double[] roof = new double[rounds];
        double[] ratio = new double[rounds];
        steps(program, position);
        for (int round = 0; round < rounds; round++) {
            bandwidth[round] = memory.bytesPerSecond();
            arithmetic[round] = product.operationsPerSecond();
            step[round] = steps(program, position);
            roof[round] = Math.max(work.bytes() / bandwidth[round], work.operations() / arithmetic[round]) * SECOND;
            ratio[round] = step[round] / roof[round];
        }
        return new BenchRow(
                "step-over-roofline slots=" + slots,
                BenchModels.median(step) / 1e3,
                BenchModels.median(roof) / 1e3,
                BenchModels.median(ratio),
                "us/step (less is better)",
                String.format(
                        Locale.ROOT,
                        "%s/%s, value %d of %d, %d threads, %s, load average %.1f, medians of %d turns of %d steps,"
                                + " %.2f MB at %.1f GB/s, %.2f million operations at %.1f billion/s",
                        model.name(), model.version(), position, model.steps(), config.threads(), CpuKind.current(),
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(), rounds, STEPS_A_TURN,
                        work.bytes() / 1e6, BenchModels.median(bandwidth) / 1e9, work.operations() / 1e6,
                        BenchModels.median(arithmetic) / 1e9));
    }

    /** Nanoseconds of a step, all slots at the same position; the state before it is zeros, which take as long. */
    private static double steps(StepProgram program, int position) throws GraphException {
        Arrays.fill(program.cached(), position);
        Arrays.fill(program.position(), position);
        long begun = System.nanoTime();
        for (int i = 0; i < STEPS_A_TURN; i++) {
            program.run(program.slots());
        }
        return (System.nanoTime() - begun) / (double) STEPS_A_TURN;
    }
}
