package io.scanline.server.bench;

import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Generation;
import io.scanline.server.engine.ImageEngine;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.ProgressListener;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps so many requests of one image each at hand, a new one for each that ends. Some may be given up half-way; then
 * the first ones are given up anywhere, so that images do not all begin and end together.
 */
final class Saturation implements AutoCloseable {
    private static final long LOOK_NANOS = 10_000_000; // it is woken up besides

    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private final ImageEngine engine;
    private final ModelInfo model;
    private final int atOnce;
    private final double leaving;
    private final SplittableRandom random = new SplittableRandom(1);
    private final List<Open> open = new ArrayList<>(); // of the thread that refills
    private final AtomicLong values = new AtomicLong();
    private final Thread refill;
    private volatile boolean stopped;
    private volatile EngineException failure;

    /** Keeps the slots busy and as many images waiting. */
    Saturation(ImageEngine engine, ModelInfo model) {
        this(engine, model, 2 * model.slots());
    }

    /** @param atOnce requests at hand */
    Saturation(ImageEngine engine, ModelInfo model, int atOnce) {
        this(engine, model, atOnce, 0);
    }

    /** @param leaving share of the images that is given up half-way */
    Saturation(ImageEngine engine, ModelInfo model, int atOnce, double leaving) {
        this.engine = engine;
        this.model = model;
        this.atOnce = atOnce;
        this.leaving = leaving;
        this.refill = new Thread(this::refill, "saturation-" + model.name());
        refill.setDaemon(true);
        refill.start();
    }

    private void refill() {
        long seed = 1;
        try {
            while (!stopped) {
                open.removeIf(Open::hasEnded);
                while (open.size() < atOnce) {
                    Counter counter = new Counter(lastOf(seed));
                    open.add(new Open(engine.generate(BenchModels.image(model, seed++), counter), counter));
                }
                LockSupport.parkNanos(this, LOOK_NANOS);
            }
        } catch (EngineException refused) {
            failure = refused;
        } finally {
            open.forEach(one -> one.generation.cancel());
        }
    }

    /** Values of an image after which it ends or is given up. */
    private int lastOf(long seed) {
        int steps = model.steps();
        if (leaving == 0) {
            return steps;
        }
        if (seed <= atOnce) {
            return 1 + random.nextInt(steps);
        }
        return random.nextDouble() < leaving ? Math.max(1, steps / 2) : steps;
    }

    /** Told once for every value. */
    private final class Counter implements ProgressListener {
        private volatile int left;

        Counter(int last) {
            left = last;
        }

        @Override
        public void progressed() {
            values.incrementAndGet();
            left--; // told by one thread at a time
            if (left == 0) {
                LockSupport.unpark(refill);
            }
        }
    }

    /** A request, and what is told of it. */
    private record Open(Generation generation, Counter counter) {
        /** Whether it has ended; gives it up where that is due. */
        boolean hasEnded() {
            boolean ended =
                    generation.failure().isPresent() || generation.images().get(0).result().isPresent();
            if (!ended && counter.left <= 0) {
                generation.cancel();
                return true;
            }
            return ended;
        }
    }

    /** Values decided so far. */
    long values() {
        return values.get();
    }

    /** Lets time pass; returns values decided a second meanwhile. */
    double ratePerSecond(double seconds) throws EngineException {
        long before = values();
        long begun = System.nanoTime();
        pause(seconds);
        awaitMore(before);
        return (values() - before) * 1e9 / (System.nanoTime() - begun);
    }

    /**
     * Waits until there are more values than that: a rate of nothing could be compared with nothing.
     *
     * @throws EngineException what a request was refused with
     */
    void awaitMore(long before) throws EngineException {
        long begun = System.nanoTime();
        while (values() <= before && failure == null) {
            if (System.nanoTime() - begun > PATIENCE_NANOS) {
                throw new IllegalStateException(model.name() + " decided too few values in a minute");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Lets time pass. */
    static void pause(double seconds) {
        long until = System.nanoTime() + (long) (seconds * 1e9);
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** Gives all images up; their slots are free a step later. */
    @Override
    public void close() {
        stopped = true;
        boolean interrupted = false;
        while (refill.isAlive()) {
            try {
                refill.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
