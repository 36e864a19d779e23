package io.scanline.trainer.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Closes a stream on which nothing has arrived for a while: the Java HTTP client never times out once it has the
 * headers.
 */
final class StallGuard implements AutoCloseable {
    private final AtomicLong lastArrival = new AtomicLong(System.nanoTime());
    private final ScheduledExecutorService watch;

    StallGuard(InputStream watched, Duration limit) {
        this.watch = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "download-stall-guard");
            thread.setDaemon(true);
            return thread;
        });
        long period = Math.max(1, limit.toNanos() / 8);
        watch.scheduleWithFixedDelay(() -> closeIfStalled(watched, limit), period, period, TimeUnit.NANOSECONDS);
    }

    private void closeIfStalled(InputStream watched, Duration limit) {
        if (System.nanoTime() - lastArrival.get() > limit.toNanos()) {
            try {
                watched.close();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    /** Something arrived. */
    void arrived() {
        lastArrival.set(System.nanoTime());
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
