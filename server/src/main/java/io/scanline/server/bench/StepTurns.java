package io.scanline.server.bench;

import com.sun.management.OperatingSystemMXBean;
import io.scanline.server.engine.EngineException;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepLoop;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/** Turns of a few steps that an engine and a loop of the same graph take at the same positions, one after the other. */
final class StepTurns {
    /** A turn is long enough that waking a thread up at its begin does not count, and short enough for many turns. */
    private static final double TURN_SECONDS = 0.025;

    private static final int MIN_TURN_STEPS = 8;
    private static final double SECOND = 1e9;
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final EngineStepper engine;
    private final StepLoop loop;
    private final int steps;

    /** @param steps of an image */
    StepTurns(EngineStepper engine, StepLoop loop, int steps) {
        this.engine = engine;
        this.loop = loop;
        this.steps = steps;
    }

    /**
     * Takes them.
     *
     * @param seconds whole images are made until the engine has worked for about this long
     * @param unit values of all slots a second
     */
    BenchRow row(String name, double seconds, String unit, String conditions)
            throws EngineException, GraphException, InterruptedException {
        int slots = engine.positions().length;
        double stepSeconds = warmUp(seconds);
        int turn = (int) Math.min(
                Math.max(1, steps / 2), Math.max(MIN_TURN_STEPS, Math.ceil(TURN_SECONDS / stepSeconds)));
        int images = (int) Math.max(1, Math.ceil(seconds / (stepSeconds * steps)));
        int turns = (int) ((long) images * steps / turn);
        double[] ours = new double[turns];
        double[] other = new double[turns];
        double[] ratio = new double[turns];
        long worked = 0; // its clock ticks seldom: a sum says more than a median
        long otherWorked = 0;
        for (int i = 0; i < turns; i++) {
            int[] at = engine.positions();
            long engineNanos = i % 2 == 0 ? engine.run(turn) : 0;
            long before = PROCESS.getProcessCpuTime();
            long otherNanos = loop.run(at, turn, steps);
            otherWorked += PROCESS.getProcessCpuTime() - before;
            engineNanos = i % 2 == 0 ? engineNanos : engine.run(turn);
            worked += engine.processorNanos();
            ours[i] = turn * slots * SECOND / engineNanos;
            other[i] = turn * slots * SECOND / otherNanos;
            ratio[i] = ours[i] / other[i];
        }
        return new BenchRow(
                name,
                BenchModels.median(ours),
                BenchModels.median(other),
                BenchModels.median(ratio),
                unit,
                conditions + String.format(
                        Locale.ROOT,
                        ", medians of %d turns of %d steps each, processor time %.1f and %.1f us a step",
                        turns, turn, worked / 1e3 / turn / turns, otherWorked / 1e3 / turn / turns));
    }

    /** Works on both sides until the code is compiled; returns the seconds of the last engine steps. */
    private double warmUp(double seconds) throws EngineException, GraphException, InterruptedException {
        int probe = Math.min(MIN_TURN_STEPS, steps);
        long begun = System.nanoTime();
        double stepSeconds;
        do {
            loop.run(engine.positions(), probe, steps);
            stepSeconds = engine.run(probe) / SECOND / probe;
        } while (System.nanoTime() - begun < seconds * SECOND);
        return stepSeconds;
    }
}
