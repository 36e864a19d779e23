package io.scanline.server.bench;

import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.VerifiedBundle;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepGraph;
import io.scanline.server.runtime.StepProgram;
import io.scanline.server.runtime.StepState;
import io.scanline.server.runtime.Stride;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Measures a step in 8-bit integers against the same step in floats: the graphs alone, all slots in the middle of an
 * image. Both take turns of a few steps, the first of them changing every time; the ratio is the median over the turns.
 */
final class PrecisionBench {
    private static final String FP32 = "fp32";
    private static final String INT8 = "int8";
    private static final int[] SLOTS = {16, 1};
    private static final int MIN_TURNS = 15;
    private static final int MIN_TURN_STEPS = 4;
    /** Long enough that waking a thread up at its begin does not count. */
    private static final double TURN_SECONDS = 0.05;

    private static final double SECOND = 1e9;

    private final VerifiedBundle bundle;
    private final EngineConfig config;
    private final String conditions;
    private final double minSeconds;

    /**
     * @param bundle of a model that has both
     * @param config threads
     * @param conditions of all rows, in words
     * @param minSeconds turns are taken for about this long in each row
     */
    PrecisionBench(VerifiedBundle bundle, EngineConfig config, String conditions, double minSeconds) {
        this.bundle = bundle;
        this.config = config;
        this.conditions = conditions;
        this.minSeconds = minSeconds;
    }

    /** Whether there is something to measure. */
    static boolean measures(VerifiedBundle bundle) {
        return bundle.stepVariants().containsAll(List.of(FP32, INT8));
    }

    /** Measures all rows. */
    void run(Consumer<BenchRow> rows) throws GraphException {
        try (StepGraph fp32 = StepGraph.load(bundle.stepSource(FP32), config.threads());
                StepGraph int8 = StepGraph.load(bundle.stepSource(INT8), config.threads())) {
            for (int slots : SLOTS) {
                try (StepState floats = fp32.newState(slots);
                        StepState bytes = int8.newState(slots);
                        StepProgram reference = fp32.newProgram(floats, 1);
                        StepProgram ours = int8.newProgram(bytes, 1)) {
                    rows.accept(row(ours, reference, bytes.slotBytes(), floats.slotBytes()));
                }
            }
        }
    }

    private BenchRow row(StepProgram ours, StepProgram reference, long ourBytes, long referenceBytes)
            throws GraphException {
        int steps = bundle.bundle().getAutoregression().getSteps();
        stand(ours, steps / 2);
        stand(reference, steps / 2);
        long begun = System.nanoTime();
        double slower;
        do { // until both are warm
            slower = Math.max(nanos(ours, MIN_TURN_STEPS), nanos(reference, MIN_TURN_STEPS));
        } while (System.nanoTime() - begun < minSeconds * SECOND / 4);
        int turn = (int) Math.max(MIN_TURN_STEPS, Math.ceil(TURN_SECONDS * SECOND / slower));
        List<double[]> turns = new ArrayList<>(); // ours, reference
        begun = System.nanoTime();
        while (turns.size() < MIN_TURNS || System.nanoTime() - begun < minSeconds * SECOND) {
            double before = turns.size() % 2 == 0 ? nanos(ours, turn) : 0;
            double referred = nanos(reference, turn);
            turns.add(new double[] {turns.size() % 2 == 0 ? before : nanos(ours, turn), referred});
        }
        return new BenchRow(
                "int8-over-fp32 slots=" + ours.slots(),
                BenchModels.median(turns.stream().mapToDouble(pair -> pair[0] / 1e3).toArray()),
                BenchModels.median(turns.stream().mapToDouble(pair -> pair[1] / 1e3).toArray()),
                BenchModels.median(turns.stream().mapToDouble(pair -> pair[0] / pair[1]).toArray()),
                "us/step (less is better)",
                String.format(
                        Locale.ROOT,
                        "%s, all slots at value %d of %d, %d bytes of state a slot against %d, medians of %d turns of"
                                + " %d steps each",
                        conditions, steps / 2, steps, ourBytes, referenceBytes, turns.size(), turn));
    }

    /** The state before is zeros, which take as long as any other. */
    private static void stand(StepProgram program, int position) {
        Arrays.fill(program.cached(), position);
        Arrays.fill(program.position(), position);
    }

    /** Of one step, as a lane takes them. */
    private static double nanos(StepProgram program, int steps) throws GraphException {
        long begun = System.nanoTime();
        int taken = 0;
        while (taken < steps) {
            Counting counting = new Counting(program.slots(), steps - taken);
            program.stride(program.slots(), counting);
            taken += counting.ofAll();
        }
        return (System.nanoTime() - begun) / (double) taken;
    }

    /** So many runs of every slot at the same position. */
    private static final class Counting implements Stride {
        private final AtomicIntegerArray runs; // by the first slot of a group
        private final int wanted;

        Counting(int slots, int wanted) {
            this.runs = new AtomicIntegerArray(slots);
            this.wanted = wanted;
        }

        @Override
        public void show(int first, int slots) {
            // It is shown the same every time.
        }

        @Override
        public boolean ran(int first, int slots, long nanos) {
            return runs.incrementAndGet(first) < wanted;
        }

        /** Runs that all slots have had. */
        int ofAll() {
            return IntStream.range(0, runs.length()).map(runs::get).filter(count -> count > 0).min().orElseThrow();
        }
    }
}
