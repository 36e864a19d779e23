package io.scanline.server.bench;

import io.scanline.server.engine.ClassSelector;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Generation;
import io.scanline.server.engine.GenerationRequest;
import io.scanline.server.engine.ImageEngine;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.ProgressListener;
import io.scanline.server.engine.SamplingOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Keeps all slots of an engine busy and times it. The clock is read on the decode lane, at the end of a step, by the
 * listeners: nothing is polled, and the thread that submits sleeps while steps are timed.
 */
final class EngineLoad {
    /** Images that wait behind the running ones, so that a slot that falls free is taken at once. */
    private static final int WAITING = 2;

    private final ImageEngine engine;
    private final ModelInfo model;
    private final int slots;
    private final int steps;
    private long seed;

    EngineLoad(ImageEngine engine, ModelInfo model) {
        this.engine = engine;
        this.model = model;
        this.slots = model.slots();
        this.steps = model.bundle().orElseThrow().getAutoregression().getSteps();
    }

    /**
     * All slots start together: one request for as many images as there are slots, timed from the end of the first step to
     * the end of the last.
     *
     * @return nanoseconds for {@code repeats * (steps - 1)} steps of all slots
     */
    long aligned(int repeats) throws EngineException, InterruptedException {
        long nanos = 0;
        for (int i = 0; i < repeats; i++) {
            AlignedClock clock = new AlignedClock();
            Generation generation = submit(slots, clock);
            await(clock.done);
            require(generation);
            nanos += clock.last - clock.first;
        }
        return nanos;
    }

    private final class AlignedClock implements ProgressListener {
        private final Semaphore done = new Semaphore(0);
        private int told;
        private long first;
        private long last;

        @Override
        public void progressed() {
            told++;
            if (told == 1) {
                first = System.nanoTime();
            } else if (told == steps) {
                last = System.nanoTime();
                done.release();
            }
        }
    }

    /**
     * Slots are spread evenly over the image: each starts when the one before it has come so far, and every image that is
     * complete is followed at once by the next one.
     *
     * @return nanoseconds for {@code repeats * steps} steps of all slots, once all are taken
     */
    long ragged(int repeats) throws EngineException, InterruptedException {
        RaggedClock clock = new RaggedClock((long) repeats * steps * slots);
        List<Generation> generations = new ArrayList<>();
        int apart = Math.max(1, steps / slots);
        for (int slot = 0; slot < slots; slot++) {
            generations.add(submit(1, clock.image(slot == slots - 1 ? 1 : apart)));
            await(clock.events); // it has come far enough for the next one
        }
        for (int i = 0; i < WAITING; i++) {
            generations.add(submit(1, clock.image(0)));
        }
        clock.begin = true;
        while (true) {
            await(clock.events);
            if (clock.finished) {
                break;
            }
            generations.add(submit(1, clock.image(0)));
        }
        generations.forEach(Generation::cancel);
        return clock.last - clock.first;
    }

    /** Counts drawn values over all images. Listeners run on the lane's thread, one after another. */
    private final class RaggedClock {
        private final long wanted;
        private final Semaphore events = new Semaphore(0); // an image came far enough or is complete, or all is over
        private volatile boolean begin;
        private volatile boolean finished;
        private long drawn = -1; // -1: not begun
        private long first;
        private volatile long last;

        RaggedClock(long wanted) {
            this.wanted = wanted;
        }

        /** @param mark values after which an event is due; 0: none but the end */
        ProgressListener image(int mark) {
            return new ProgressListener() {
                private int own;

                @Override
                public void progressed() {
                    if (finished) {
                        return;
                    }
                    own++;
                    if (drawn >= 0) {
                        drawn++;
                    } else if (begin) {
                        drawn = 0;
                        first = System.nanoTime();
                    }
                    if (drawn == wanted) {
                        last = System.nanoTime();
                        finished = true;
                        events.release();
                    } else if (own == mark || own == steps) {
                        events.release();
                    }
                }
            };
        }
    }

    private Generation submit(int count, ProgressListener listener) throws EngineException {
        boolean classes = model.bundle().orElseThrow().hasConditioning();
        return engine.generate(
                new GenerationRequest(
                        model.name(),
                        model.version(),
                        classes ? new ClassSelector(OptionalInt.of(0), "") : ClassSelector.NONE,
                        OptionalLong.of(seed++),
                        count,
                        SamplingOptions.NEUTRAL,
                        new byte[0],
                        Long.MAX_VALUE),
                listener);
    }

    /** An engine that stands still must not hang the measurement. */
    private static void await(Semaphore event) throws InterruptedException {
        if (!event.tryAcquire(10, TimeUnit.MINUTES)) {
            throw new IllegalStateException("the engine made no progress in ten minutes");
        }
    }

    private static void require(Generation complete) throws EngineException {
        if (complete.failure().isPresent()) {
            throw complete.failure().get();
        }
    }
}
