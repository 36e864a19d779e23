package io.scanline.server.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;

/** Threads that do parts of something side by side with the one that asks. They are started when first needed. */
final class Team implements AutoCloseable {
    private static final ThreadFactory DAEMONS = work -> {
        Thread thread = new Thread(work, "step-part");
        thread.setDaemon(true);
        return thread;
    };

    private final int size;
    private final ExecutorService others; // null: there are none

    /** @param size threads, with the one that asks */
    Team(int size) {
        this.size = size;
        this.others = size == 1 ? null : Executors.newFixedThreadPool(size - 1, DAEMONS);
    }

    /** Something done in parts. */
    interface Work {
        void part(int index) throws GraphException;
    }

    /** Threads, with the one that asks. */
    int size() {
        return size;
    }

    /**
     * Does all parts, the first one itself, and returns when none is under way.
     *
     * @param parts 1 to {@link #size()}
     * @throws GraphException as the first part that failed
     */
    void run(int parts, Work work) throws GraphException {
        if (parts == 1) {
            work.part(0);
            return;
        }
        List<Future<?>> left = new ArrayList<>(parts - 1);
        for (int i = 1; i < parts; i++) {
            int part = i;
            left.add(others.submit(() -> {
                work.part(part);
                return null;
            }));
        }
        GraphException failed = null;
        try {
            work.part(0);
        } catch (GraphException broken) {
            failed = broken;
        } finally {
            for (Future<?> part : left) {
                GraphException broken = await(part);
                failed = failed == null ? broken : failed;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    /** Waits for a part, which writes to memory that others may have next, whatever happens. */
    private static GraphException await(Future<?> part) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    part.get();
                    return null;
                } catch (InterruptedException later) {
                    interrupted = true;
                } catch (ExecutionException failed) {
                    return failed.getCause() instanceof GraphException broken
                            ? broken
                            : new GraphException("a part of a step failed", failed.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        if (others != null) {
            others.shutdown();
        }
    }
}
