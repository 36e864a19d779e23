package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.PartedProgram;

/**
 * Finds out from how many slots on a step is quicker in parts that are computed side by side, on this machine: handing a
 * part to another thread takes as long as some slots of a small model. What is computed is the same either way.
 */
public final class PartTrial {
    /** Runs of each kind, at least; the shortest counts, since noise only adds. */
    private static final int RUNS = 12;
    /**
     * Time in which two parts may turn out to be quicker: the other processor may be busy at first, with compiling this
     * very code for one.
     */
    private static final long NANOS = 20_000_000;
    /** Share of the time of one part that two may take, since they keep another processor busy. */
    private static final double WORTH = 0.9;

    private PartTrial() {}

    /**
     * Tries 2, 4, 8 .. slots in two parts, and has steps computed in parts like the first that were quicker.
     *
     * @param program its slots may be shown anything that takes as long as what they will be
     * @param slots of a run, at most
     */
    public static void settle(PartedProgram program, int slots) throws GraphException {
        int fewest = 1;
        while (2 * fewest <= slots && !pays(program, fewest)) {
            fewest *= 2;
        }
        program.fewestOfAPart(fewest);
    }

    private static boolean pays(PartedProgram program, int slots) throws GraphException {
        long whole = Long.MAX_VALUE;
        long parted = Long.MAX_VALUE;
        long begun = System.nanoTime();
        for (int run = 0; run < RUNS || parted >= WORTH * whole && System.nanoTime() - begun < NANOS; run++) {
            program.fewestOfAPart(Integer.MAX_VALUE);
            whole = Math.min(whole, StepTimes.shortest(1, () -> program.run(2 * slots)));
            program.fewestOfAPart(slots);
            parted = Math.min(parted, StepTimes.shortest(1, () -> program.run(2 * slots)));
        }
        return parted < WORTH * whole;
    }
}
