package io.scanline.server.transport;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads that all streams share: loops that send, a few that make what takes time, one that tells the time. */
final class StreamWorkshop implements AutoCloseable {
    private final SendingLoops loops;
    private final ExecutorService drains;
    private final ScheduledThreadPoolExecutor clock;
    private final ActiveStreams streams = new ActiveStreams();
    private final MeterRegistry registry;

    /** @param gatherMillis as of {@link SendingLoops} */
    StreamWorkshop(MeterRegistry registry, int gatherMillis) {
        this.registry = registry;
        // Sending is cheap beside deciding: one thread sends for the streams of several processors.
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 4);
        loops = new SendingLoops(threads, gatherMillis);
        AtomicInteger number = new AtomicInteger();
        // After close a wake-up is dropped: it comes from a decode lane, which must not be thrown at.
        drains = new ThreadPoolExecutor(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
                task -> daemon(task, "answer-" + number.incrementAndGet()), new ThreadPoolExecutor.DiscardPolicy());
        clock = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "stream-clock"));
        clock.setRemoveOnCancelPolicy(true);
    }

    /** The loops of connections, where streams make messages that take no time to make. */
    SendingLoops loops() {
        return loops;
    }

    /** Where answers and pictures are made. */
    Executor drains() {
        return drains;
    }

    /** Runs a task, which must return at once, until it is cancelled. */
    ScheduledFuture<?> everyMillis(int interval, Runnable task) {
        return clock.scheduleAtFixedRate(task, interval, interval, TimeUnit.MILLISECONDS);
    }

    ActiveStreams streams() {
        return streams;
    }

    MeterRegistry registry() {
        return registry;
    }

    @Override
    public void close() {
        clock.shutdownNow();
        drains.shutdown();
        loops.close();
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
