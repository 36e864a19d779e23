package io.scanline.server.bench;

import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Generation;
import io.scanline.server.engine.ImageEngine;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.ProgressListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Users who come at times of their own (a Poisson process), ask for one image each whether or not others are still
 * waiting for theirs, and some of whom leave when half of it is there. Times count from when a user came, not from when
 * the request could be sent, so that a stall counts for everybody who came during it (no coordinated omission).
 */
final class OpenLoop {
    private static final long PATIENCE_SECONDS = 120;

    private final ImageEngine engine;
    private final ModelInfo model;
    private final int steps;
    private final Histogram firstPixel = new ConcurrentHistogram(3);
    private final Histogram gap = new ConcurrentHistogram(3);
    private final AtomicReference<EngineException> refusal = new AtomicReference<>();
    private final ExecutorService leaving =
            Executors.newSingleThreadExecutor(task -> new Thread(task, "users-who-leave"));

    OpenLoop(ImageEngine engine, ModelInfo model) {
        this.engine = engine;
        this.model = model;
        this.steps = model.steps();
    }

    /** Where a user's request goes to. */
    interface Desk {
        void take(User user) throws EngineException;
    }

    /**
     * Lets users come and waits until the last one has gone.
     *
     * @param perSecond users a second on average
     * @param seconds in which they come
     * @param quitting share of them that leaves half-way
     * @param seed of their times and of who leaves
     */
    void run(Desk desk, double perSecond, double seconds, double quitting, long seed)
            throws EngineException, InterruptedException {
        Random random = new Random(seed);
        List<User> users = new ArrayList<>();
        List<Double> comes = new ArrayList<>();
        for (double at = 0; at < seconds || comes.isEmpty(); at += -Math.log(1 - random.nextDouble()) / perSecond) {
            comes.add(at);
        }
        CountDownLatch gone = new CountDownLatch(comes.size());
        long begun = System.nanoTime();
        try {
            for (double at : comes) {
                long due = begun + (long) (at * 1e9);
                User user = new User(due, random.nextDouble() < quitting, users.size(), gone);
                users.add(user);
                Saturation.pause((due - System.nanoTime()) / 1e9);
                desk.take(user);
            }
            if (!gone.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("users still wait after " + PATIENCE_SECONDS + " s");
            }
        } finally {
            leaving.shutdown();
        }
        if (refusal.get() != null) {
            throw refusal.get();
        }
    }

    /** The 99th percentile of nanoseconds from a user's coming to the first value. */
    double firstPixelP99() {
        return firstPixel.getValueAtPercentile(99);
    }

    /** The 99th percentile of nanoseconds between two values of an image. */
    double gapP99() {
        return gap.getValueAtPercentile(99);
    }

    /** Users who came. */
    long users() {
        return firstPixel.getTotalCount();
    }

    /** One who asks for an image. */
    final class User implements ProgressListener {
        private final long due;
        private final int last;
        private final long seed;
        private final CountDownLatch gone;
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile Generation generation;
        private int told;
        private long before;

        private User(long due, boolean leaves, long seed, CountDownLatch gone) {
            this.due = due;
            this.last = leaves ? Math.max(1, steps / 2) : steps;
            this.seed = seed;
            this.gone = gone;
        }

        /** Sends the request. */
        void ask() throws EngineException {
            try {
                generation = engine.generate(BenchModels.image(model, seed), this);
            } catch (EngineException refused) {
                leave();
                throw refused;
            }
        }

        /** Waits until this one has gone. */
        void awaitEnd() throws InterruptedException {
            ended.await();
        }

        @Override
        public void progressed() {
            if (++told > last) {
                return; // the end of a generation that was given up
            }
            long now = System.nanoTime();
            (told == 1 ? firstPixel : gap).recordValue(told == 1 ? now - due : now - before);
            before = now;
            if (told == last) {
                if (last == steps) {
                    leave();
                } else {
                    leaving.execute(this::giveUp);
                }
            }
        }

        private void giveUp() {
            while (generation == null) {
                Thread.onSpinWait(); // the call that admitted it is about to return
            }
            generation.cancel();
            leave();
        }

        private void leave() {
            ended.countDown();
            gone.countDown();
        }
    }

    /** Says that a request was refused where nobody waits for the answer. */
    void refused(EngineException why) {
        refusal.compareAndSet(null, why);
    }
}
