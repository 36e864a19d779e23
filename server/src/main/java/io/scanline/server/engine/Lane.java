package io.scanline.server.engine;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Works for the requests to one model on a thread of its own, round after round. The lock guards who is at hand; it is
 * never held while a graph runs or a listener is told, so that a caller waits for no model.
 */
abstract class Lane implements Releasable {
    private final ModelInfo model;
    private final OpenWork work;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private boolean closing; // guarded by lock
    private volatile boolean called; // there is news that was not arranged yet

    Lane(String name, ModelInfo model, OpenWork work) {
        this(name, model, "", work);
    }

    /**
     * @param name of its thread, before that of the model
     * @param variant what follows it
     */
    Lane(String name, ModelInfo model, String variant, OpenWork work) {
        this.model = model;
        this.work = work;
        this.thread = new Thread(this::serve, name + "-" + model.name() + "-" + model.version() + variant);
        thread.setDaemon(true);
    }

    final void start() {
        thread.start();
    }

    final ModelInfo model() {
        return model;
    }

    final OpenWork work() {
        return work;
    }

    /** Takes a request in, under the lock, or refuses it. */
    interface Admitting<T> {
        T admit(long now) throws EngineException;
    }

    /** Admits a request, or refuses it with SHUTTING_DOWN or DEADLINE_EXCEEDED, or as it is refused. */
    final <T> T admit(long deadlineNanos, Admitting<T> admitting) throws EngineException {
        boolean admitted = false;
        work.begin();
        lock.lock();
        try {
            if (closing) {
                throw OpenWork.shuttingDown();
            }
            long now = System.nanoTime();
            if (Deadline.passed(deadlineNanos, now)) {
                throw Deadline.exceeded();
            }
            T request = admitting.admit(now);
            admitted = true;
            return request;
        } finally {
            lock.unlock();
            if (!admitted) {
                work.end();
            }
        }
    }

    final void underLock(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }

    final <T> T underLock(Supplier<T> change) {
        lock.lock();
        try {
            return change.get();
        } finally {
            lock.unlock();
        }
    }

    /** There is news: the lane looks what there is to do. */
    final void wake() {
        underLock(() -> {
            called = true;
            news.signal();
        });
    }

    /** Whether there is news since the round was arranged, so that it is to end soon. */
    final boolean called() {
        return called;
    }

    /** Ends all requests with SHUTTING_DOWN and then its thread. */
    @Override
    public final void close() {
        underLock(() -> {
            closing = true;
            wake();
        });
        Threads.join(thread);
    }

    private void serve() {
        while (prepare()) {
            tell();
            round();
            tell();
        }
        tell();
    }

    /** What happens between two rounds; waits while there is nothing to do. False: the lane is to end. */
    private boolean prepare() {
        lock.lock();
        try {
            called = false;
            while (!arrange() && !closing) {
                await(news);
                called = false;
            }
            if (closing) {
                endAll();
            }
            return !closing;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for news, under the lock. */
    void await(Condition awaited) {
        awaited.awaitUninterruptibly();
    }

    /** Decides under the lock who has part in the next round. False: there is nothing to do and nobody to tell. */
    abstract boolean arrange();

    /** Ends all requests with SHUTTING_DOWN, under the lock. */
    abstract void endAll();

    /** Runs the model once. */
    abstract void round();

    /** Tells those whose requests went on or ended. */
    abstract void tell();
}
