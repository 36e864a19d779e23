package io.scanline.server.engine;

/**
 * The time that a generation may be paused, all its pauses together: a paused one keeps slots that others wait for. Guarded by
 * the lock of its owner.
 */
final class PauseAllowance {
    private long leftNanos;
    private long begunNanos;
    private boolean running;

    PauseAllowance(long millis) {
        leftNanos = millis * 1_000_000;
    }

    /** A pause begins; answers how many milliseconds it may last, 0: none, since there is nothing left. */
    long begin(long now) {
        long millis = (leftNanos + 999_999) / 1_000_000;
        begunNanos = now;
        running = millis > 0;
        return millis;
    }

    /** The pause at hand ends, if there is one. */
    void end(long now) {
        if (running) {
            running = false;
            leftNanos = Math.max(0, leftNanos - (now - begunNanos));
        }
    }
}
