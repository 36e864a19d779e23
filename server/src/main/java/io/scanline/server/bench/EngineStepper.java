package io.scanline.server.bench;

import com.sun.management.OperatingSystemMXBean;
import io.scanline.server.engine.CodeProgress;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Generation;
import io.scanline.server.engine.GenerationRequest;
import io.scanline.server.engine.ImageEngine;
import io.scanline.server.engine.ImageProgress;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.ProgressListener;
import io.scanline.server.engine.Reason;
import io.scanline.server.engine.SamplingOptions;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets an engine whose slots are all busy take a few steps at a time and times them. In between it holds the threads
 * that take them inside a listener, which a client must never do: so that something else can be timed on the same cores
 * a moment later. A step that another thread has not ended when enough values are decided counts as not begun.
 */
final class EngineStepper implements AutoCloseable {
    private static final long LOOK_NANOS = 50_000;
    /** For so long nothing must be decided before all threads are taken to be held: some steps, at least. */
    private static final long REST_NANOS = 1_000_000;
    private static final int REST_STEPS = 3;
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final ImageEngine engine;
    private final ModelInfo model;
    private final int slots;
    private final int steps;
    private final List<Generation> generations = new ArrayList<>(); // in the order in which they get their slots
    private final int perRequest;

    private final Semaphore paused = new Semaphore(0);
    private final Object turn = new Object();
    private long values; // guarded by turn: decided so far, as far as was told
    private long wanted; // guarded by turn: after so many all are held
    private long more; // guarded by turn: how many of them are new
    private long held = System.nanoTime(); // guarded by turn: when the last value was told of
    private long begun; // guarded by turn
    private long ended; // guarded by turn
    private long idle; // guarded by turn: processor time of the process when steps began
    private long worked; // guarded by turn: what it used until they ended
    private boolean stopped; // guarded by turn
    private long seed;

    private EngineStepper(ImageEngine engine, ModelInfo model, int perRequest) {
        this.engine = engine;
        this.model = model;
        this.slots = model.slots();
        this.steps = model.bundle().orElseThrow().getAutoregression().getSteps();
        this.perRequest = perRequest;
    }

    /**
     * All slots are at the same position, always: requests for as many images as there are slots, one after another.
     */
    static EngineStepper aligned(ImageEngine engine, ModelInfo model) throws EngineException, InterruptedException {
        EngineStepper stepper = new EngineStepper(engine, model, model.slots());
        stepper.want(stepper.slots);
        stepper.submit();
        stepper.await();
        return stepper;
    }

    /**
     * Slots are spread evenly over the image: requests for one image, each begun when the one before it has come so
     * far.
     */
    static EngineStepper ragged(ImageEngine engine, ModelInfo model) throws EngineException, InterruptedException {
        EngineStepper stepper = new EngineStepper(engine, model, 1);
        int apart = Math.max(1, stepper.steps / stepper.slots);
        stepper.want(apart); // before there is an image, which may not take a step that is not counted
        stepper.submit();
        stepper.await();
        for (int running = 2; running <= stepper.slots; running++) {
            stepper.submit();
            stepper.want((long) running * apart);
            stepper.await();
        }
        return stepper;
    }

    /** Position of every slot in the next step. */
    int[] positions() throws EngineException {
        int[] positions = new int[slots];
        int slot = 0;
        for (Generation generation : generations) {
            if (generation.failure().isPresent()) {
                throw generation.failure().get();
            }
            for (ImageProgress image : generation.images()) {
                if (decided(image) < steps && slot < slots) {
                    positions[slot++] = decided(image);
                }
            }
        }
        return positions;
    }

    /** Steps taken for an image. */
    private static int decided(ImageProgress image) {
        return image.codes().map(CodeProgress::decided).orElseGet(image::decided);
    }

    /**
     * Takes steps of all slots.
     *
     * @param count 1 to the steps of an image
     * @return nanoseconds
     */
    long run(int count) throws EngineException, InterruptedException {
        stock();
        want((long) count * slots);
        await();
        synchronized (turn) {
            return ended - begun;
        }
    }

    /** Lets all go until so many more values are decided. */
    private void want(long asked) {
        synchronized (turn) {
            more = asked;
            wanted = values + asked;
            idle = PROCESS.getProcessCpuTime();
            begun = System.nanoTime();
            turn.notifyAll();
        }
    }

    /** Nanoseconds of processor time that the process used in the last steps that were taken. */
    long processorNanos() {
        synchronized (turn) {
            return worked;
        }
    }

    /** Lets as many images wait as there are slots, so that a slot that falls free is taken at the next step. */
    private void stock() throws EngineException {
        generations.removeIf(generation -> decided(generation.images().get(0)) == steps);
        while (generations.size() * perRequest < 2 * slots) {
            submit();
        }
    }

    /** Where the decoder of images is behind the codes that are drawn, it makes room while the decode lane is held. */
    private void submit() throws EngineException {
        while (true) {
            try {
                Holder holder = new Holder();
                generations.add(engine.generate(request(), holder));
                holder.know(generations.get(generations.size() - 1));
                seed++;
                return;
            } catch (EngineException refused) {
                if (refused.reason() != Reason.QUEUE_FULL || model.codes().isEmpty()) {
                    throw refused;
                }
                LockSupport.parkNanos(LOOK_NANOS);
            }
        }
    }

    private GenerationRequest request() {
        return new GenerationRequest(
                model.name(),
                model.version(),
                BenchModels.label(model),
                OptionalLong.of(seed),
                perRequest,
                SamplingOptions.NEUTRAL,
                new byte[0],
                Long.MAX_VALUE).prompted(BenchModels.prompt(model));
    }

    /** Told after every step of some slots, and where codes were drawn by the decoder of images, which is not held. */
    private final class Holder implements ProgressListener {
        private Generation generation; // guarded by turn; null: not known yet
        private int counted; // guarded by turn

        void know(Generation begun) {
            synchronized (turn) {
                generation = begun;
                turn.notifyAll();
            }
        }

        @Override
        public void progressed() {
            String thread = Thread.currentThread().getName();
            if (!thread.startsWith("decode-") && !thread.startsWith("step-part")) {
                return;
            }
            synchronized (turn) {
                while (generation == null) {
                    await(turn);
                }
                boolean counts = count();
                while (counts && values >= wanted && !stopped) {
                    await(turn);
                }
            }
        }

        /** Counts what was decided since it was counted last; false: nothing. */
        private boolean count() {
            int now = generation.images().stream().mapToInt(EngineStepper::decided).sum();
            if (now <= counted) {
                return false;
            }
            boolean going = values < wanted;
            values += now - counted;
            counted = now;
            held = System.nanoTime();
            if (going && values >= wanted) {
                ended = held;
                worked = PROCESS.getProcessCpuTime() - idle;
                paused.release();
            }
            return true;
        }

        private static void await(Object news) {
            try {
                news.wait();
            } catch (InterruptedException unexpected) {
                throw new IllegalStateException(unexpected);
            }
        }
    }

    /** An engine that stands still must not hang the measurement. */
    private void await() throws InterruptedException {
        if (!paused.tryAcquire(10, TimeUnit.MINUTES)) {
            throw new IllegalStateException("the engine made no progress in ten minutes");
        }
        long rest = REST_NANOS;
        boolean moving = true;
        while (moving) { // without sleep: a processor that had nothing to do would be slower for a while
            Thread.onSpinWait();
            synchronized (turn) {
                rest = Math.max(rest, REST_STEPS * (ended - begun) * slots / more);
                moving = System.nanoTime() - held < rest;
            }
        }
    }

    /** Gives all images up and lets the threads go. */
    @Override
    public void close() {
        synchronized (turn) {
            stopped = true;
            turn.notifyAll();
        }
        generations.forEach(Generation::cancel);
    }
}
