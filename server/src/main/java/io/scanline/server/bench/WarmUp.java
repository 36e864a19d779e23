package io.scanline.server.bench;

import io.scanline.server.engine.EngineException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;

/**
 * Repeats what is to be measured until the just-in-time compiler has little left to do with it: its threads take a
 * processor from both sides, and more of it where more code is new, for the first half a minute of a server's life.
 */
final class WarmUp {
    /** Share of one processor that the compiler may take. */
    private static final double QUIET = 0.03;
    /** Looks after each other at which it must be so: some methods take it a second. */
    private static final int LOOKS = 2;

    private static final double LOOK_SECONDS = 1;
    private static final double SECOND = 1e9;
    private static final CompilationMXBean COMPILER = ManagementFactory.getCompilationMXBean(); // null: there is none

    private WarmUp() {}

    /** A round of what is measured. */
    interface Round {
        void run() throws EngineException, InterruptedException;
    }

    /**
     * Repeats it, twice at least.
     *
     * @param most seconds after which no more is begun
     */
    static void repeat(double most, Round round) throws EngineException, InterruptedException {
        long begun = System.nanoTime();
        int quiet = 0;
        do {
            quiet = share(Math.min(LOOK_SECONDS, most), round) < QUIET ? quiet + 1 : 0;
        } while (quiet < LOOKS && System.nanoTime() - begun < most * SECOND);
    }

    /** Of one processor, what the compiler takes while rounds are run for so long. */
    private static double share(double seconds, Round round) throws EngineException, InterruptedException {
        long before = compiling();
        long begun = System.nanoTime();
        long took;
        do {
            round.run();
            took = System.nanoTime() - begun;
        } while (took < seconds * SECOND);
        return (compiling() - before) * 1e6 / took;
    }

    /** Milliseconds that it has taken so far. */
    private static long compiling() {
        return COMPILER == null || !COMPILER.isCompilationTimeMonitoringSupported()
                ? 0
                : COMPILER.getTotalCompilationTime();
    }
}
