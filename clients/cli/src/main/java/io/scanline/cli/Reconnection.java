package io.scanline.cli;

import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;

/** How often, and for how long, a lost connection is looked for again. */
final class Reconnection {
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 2000;

    private final long patienceNanos;
    private long lostAt;
    private long pauseMillis; // 0: connected

    /** @param patienceMillis time after which nobody is left who could be found */
    Reconnection(long patienceMillis) {
        this.patienceNanos = TimeUnit.MILLISECONDS.toNanos(patienceMillis);
    }

    /** Something has arrived. */
    void connected() {
        pauseMillis = 0;
    }

    /**
     * Waits until it is time to try again.
     *
     * @throws StatusRuntimeException the failure itself, when that cannot help
     */
    void await(StatusRuntimeException failure) throws InterruptedException {
        if (!GenerationCalls.lostConnection(failure)) {
            throw failure;
        }
        if (pauseMillis == 0) {
            lostAt = System.nanoTime();
            pauseMillis = FIRST_PAUSE_MILLIS;
        }
        if (System.nanoTime() - lostAt > patienceNanos) {
            throw failure;
        }
        Thread.sleep(pauseMillis);
        pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, 2 * pauseMillis);
    }
}
