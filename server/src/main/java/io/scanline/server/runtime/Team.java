package io.scanline.server.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that do parts of something side by side with the one that asks. They are started when first needed. */
public final class Team implements AutoCloseable {
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
    public interface Work {
        /** Does one part. */
        void part(int index) throws GraphException;
    }

    /** Threads, with the one that asks. */
    public int size() {
        return size;
    }

    /**
     * Does all parts, each thread the next one that nobody has begun, and returns when none is under way.
     *
     * @throws GraphException as a part that failed; parts that nobody had begun by then may be left out
     */
    public void run(int parts, Work work) throws GraphException {
        AtomicInteger next = new AtomicInteger();
        List<Seat> seats = new ArrayList<>(size - 1);
        for (int i = 1; i < Math.min(size, parts); i++) {
            Seat seat = new Seat(() -> takeTurns(next, parts, work));
            seats.add(seat);
            others.execute(seat);
        }
        GraphException failed = null;
        try {
            takeTurns(next, parts, work);
        } catch (GraphException broken) {
            failed = broken;
        } finally {
            for (Seat seat : seats) {
                GraphException broken = seat.isFree() ? null : await(seat);
                failed = failed == null ? broken : failed;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    /** Turns. */
    private interface Turns {
        void take() throws GraphException;
    }

    /** The turns of one thread; it may have none when it comes late, since it may be busy for long for somebody else. */
    private static final class Seat extends FutureTask<Void> {
        private final AtomicBoolean taken = new AtomicBoolean();

        Seat(Turns turns) {
            super(() -> {
                turns.take();
                return null;
            });
        }

        @Override
        public void run() {
            if (taken.compareAndSet(false, true)) {
                super.run();
            }
        }

        /** Whether nobody has taken it; nobody will. */
        boolean isFree() {
            return taken.compareAndSet(false, true);
        }
    }

    private static void takeTurns(AtomicInteger next, int parts, Work work) throws GraphException {
        for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
            work.part(part);
        }
    }

    /** Waits for a thread that does parts, which writes to memory that others may have next, whatever happens. */
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
