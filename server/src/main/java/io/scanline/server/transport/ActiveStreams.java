package io.scanline.server.transport;

import io.scanline.server.engine.EngineException;
import java.time.Duration;

/** Counts the streams that have not been told their end yet, so that a drain can wait for them. */
final class ActiveStreams {
    private int open;

    /** Has what a stream is to read admitted. */
    interface Opening<T> {
        T open() throws EngineException;
    }

    /**
     * Counts a stream, unless it is refused. Counted before it is admitted: a drain must not miss a stream that is
     * admitted and complete in a moment.
     */
    <T> T open(Opening<T> opening) throws EngineException {
        opened();
        boolean admitted = false;
        try {
            T opened = opening.open();
            admitted = true;
            return opened;
        } finally {
            if (!admitted) {
                closed();
            }
        }
    }

    synchronized void opened() {
        open++;
    }

    synchronized void closed() {
        open--;
        notifyAll();
    }

    /** Waits until there is none, at most this long; true: there is none. */
    synchronized boolean awaitNone(Duration atMost) throws InterruptedException {
        long until = System.nanoTime() + atMost.toNanos();
        while (open > 0) {
            long millis = (until - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                return false;
            }
            wait(millis);
        }
        return true;
    }
}
