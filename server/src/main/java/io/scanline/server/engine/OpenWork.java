package io.scanline.server.engine;

import java.time.Duration;

/** Counts the work at hand, refuses more of it once draining, and lets a caller wait for the end of it. */
final class OpenWork {
    private int open;
    private boolean draining;

    /** Counts one more piece of work, to be followed by exactly one {@link #end}. */
    synchronized void begin() throws EngineException {
        if (draining) {
            throw shuttingDown();
        }
        open++;
    }

    /** Why no more is begun, and what is at hand ends early. */
    static EngineException shuttingDown() {
        return EngineException.of(Reason.SHUTTING_DOWN, "the server is shutting down");
    }

    synchronized void end() {
        open--;
        notifyAll();
    }

    /** Refuses work from now on. */
    synchronized void refuse() {
        draining = true;
    }

    /** Waits until no work is open; false when that takes longer. */
    synchronized boolean awaitNone(Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (open > 0) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
        return true;
    }
}
