package io.scanline.server.bench;

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
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets an engine whose slots are all busy take a few steps at a time and times them. In between it holds the decode
 * lane inside a listener, which a client must never do: so that something else can be timed on the same cores a moment
 * later.
 */
final class EngineStepper implements AutoCloseable {
    private static final long LOOK_NANOS = 50_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final ImageEngine engine;
    private final ModelInfo model;
    private final int slots;
    private final int steps;
    private final List<Generation> generations = new ArrayList<>(); // in the order in which they get their slots
    private final int perRequest;

    // Handed from thread to thread with the semaphores.
    private final Semaphore paused = new Semaphore(0);
    private final Semaphore resumed = new Semaphore(0);
    private long newsLeft;
    private long begun;
    private long ended;
    private long idle; // processor time of the lane's thread when it was let go
    private long worked; // what it used until it was stopped
    private volatile boolean stopped;
    private volatile Thread lane; // null: there was no news yet
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
        stepper.newsLeft = 1;
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
        for (int running = 1; running <= stepper.slots; running++) {
            stepper.newsLeft = (long) running * apart;
            stepper.submit();
            stepper.resumed.release(running == 1 ? 0 : 1);
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
        newsLeft = (long) count * slots / perRequest;
        resumed.release();
        await();
        return ended - begun;
    }

    /** Nanoseconds of processor time that the lane's own thread used in the last steps that were taken. */
    long processorNanos() {
        return worked;
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
                generations.add(engine.generate(request(), new Holder()));
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

    /**
     * Told once per step for every request with an image in a slot, and, where codes were drawn, by the decoder of images,
     * which is not held: it may be faster with its news than the decode lane with that of the last step.
     */
    private final class Holder implements ProgressListener {
        private int stepsLeft = steps;

        @Override
        public void progressed() {
            if (lane == null) {
                lane = Thread.currentThread(); // nothing is decoded before the first step
            }
            if (stopped || Thread.currentThread() != lane || stepsLeft-- <= 0 || --newsLeft > 0) {
                return;
            }
            ended = System.nanoTime();
            worked = THREADS.getCurrentThreadCpuTime() - idle;
            paused.release();
            resumed.acquireUninterruptibly();
            idle = THREADS.getCurrentThreadCpuTime();
            begun = System.nanoTime();
        }
    }

    /** An engine that stands still must not hang the measurement. */
    private void await() throws InterruptedException {
        if (!paused.tryAcquire(10, TimeUnit.MINUTES)) {
            throw new IllegalStateException("the engine made no progress in ten minutes");
        }
    }

    /** Gives all images up and lets the lane go. */
    @Override
    public void close() {
        stopped = true;
        generations.forEach(Generation::cancel);
        resumed.release();
    }
}
