package io.scanline.server.transport;

import java.time.Duration;

/** Counts the streams that have not been told their end yet, so that a drain can wait for them. */
final class ActiveStreams {
    private int open;

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
