package io.scanline.server.transport;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs a pass on an executor after it was asked for: never two at a time, and once for any number of requests that arrived
 * before the pass began. Asking costs one atomic addition while a pass is due, so that a decode lane may ask after every step.
 */
final class CoalescingTask implements Runnable {
    private final Executor executor;
    private final Runnable pass;
    private final AtomicInteger asked = new AtomicInteger();

    /** @param pass must not throw */
    CoalescingTask(Executor executor, Runnable pass) {
        this.executor = executor;
        this.pass = pass;
    }

    /** Makes sure that a pass begins after this call. Any thread; returns at once. */
    void ask() {
        if (asked.getAndIncrement() == 0) {
            executor.execute(this);
        }
    }

    @Override
    public void run() {
        int seen = asked.get();
        pass.run();
        // Asked again meanwhile: queue up behind the passes of other streams instead of looping here.
        if (asked.addAndGet(-seen) != 0) {
            executor.execute(this);
        }
    }
}
