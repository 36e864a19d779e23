package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.contract.CausalContext;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepProgram;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the images of one model on a thread of its own, by iteration-level batching: before every step images that were
 * cancelled or came too late leave their slots and waiting ones take them; then one run of the graph serves all slots, each
 * at its own position. Nobody waits for a batch to fill or to finish.
 *
 * <p>The queue, the assignment of slots and the end of a generation are guarded by one lock, which is never held while the
 * graph runs or a listener is told.
 */
final class DecodeLane implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DecodeLane.class);

    private final ModelInfo model;
    private final int steps;
    private final Admission admission;
    private final StepTimes times;
    private final ModelMetrics metrics;
    private final OpenWork work;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private final ArrayDeque<ImageTask> waiting = new ArrayDeque<>(); // guarded by lock
    private final List<GenerationTask> ended = new ArrayList<>(); // guarded by lock: ended early, not told yet
    private final SlotBatch batch; // slots are assigned under the lock; positions move without it
    private boolean closing; // guarded by lock

    // Of the lane's thread only.
    private final MessageDigest sha256 = Sha256.digest();
    private final List<GenerationTask> toTell = new ArrayList<>();
    private long step;

    /** @param program its slots are the lane's; used by the lane's thread only, and closed by the caller after the lane */
    DecodeLane(
            ModelInfo model, CausalContext context, StepProgram program, StepTimes times, int maxQueued,
            ModelMetrics metrics, OpenWork work) {
        Bundle bundle = model.bundle().orElseThrow();
        this.model = model;
        this.steps = bundle.getAutoregression().getSteps();
        this.batch = new SlotBatch(
                program, context, bundle.getGeometry().getLevels(), bundle.getGeometry().getChannels());
        this.admission = new Admission(steps, maxQueued, times);
        this.times = times;
        this.metrics = metrics;
        this.work = work;
        this.thread = new Thread(this::serve, "decode-" + model.name() + "-" + model.version());
        thread.setDaemon(true);
        metrics.watch(this::waiting, this::active);
    }

    void start() {
        thread.start();
    }

    ModelInfo model() {
        return model;
    }

    int steps() {
        return steps;
    }

    /** Admits a request, or refuses it as {@link Admission} says, or with SHUTTING_DOWN or DEADLINE_EXCEEDED. */
    GenerationTask submit(CheckedRequest request, ProgressListener listener) throws EngineException {
        boolean admitted = false;
        work.begin();
        lock.lock();
        try {
            if (closing) {
                throw shuttingDown();
            }
            long now = System.nanoTime();
            if (Deadline.passed(request.deadlineNanos(), now)) {
                throw Deadline.exceeded();
            }
            Admission.Ticket ticket = admission.admit(remaining(), waiting.size(), request, now);
            GenerationTask generation = new GenerationTask(this, request, ticket, listener, now);
            waiting.addAll(generation.tasks());
            news.signal();
            admitted = true;
            return generation;
        } finally {
            lock.unlock();
            if (!admitted) {
                work.end();
            }
        }
    }

    void cancel(GenerationTask generation) {
        lock.lock();
        try {
            if (end(generation, EngineException.of(Reason.CANCELLED, "the request was cancelled"))) {
                generation.cancelledAt(System.nanoTime());
                news.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    int active() {
        lock.lock();
        try {
            return batch.size();
        } finally {
            lock.unlock();
        }
    }

    /** Ends all generations with SHUTTING_DOWN and then its thread. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            news.signal();
        } finally {
            lock.unlock();
        }
        Threads.join(thread);
    }

    private void serve() {
        while (prepare()) {
            tellEnded();
            if (!batch.isEmpty()) {
                step();
            }
        }
        tellEnded();
    }

    /** What happens between two steps; waits while there is nothing to do. False: the lane is to end. */
    private boolean prepare() {
        lock.lock();
        try {
            do {
                long now = System.nanoTime();
                expire(now);
                release(now);
                admit(now);
                if (closing) {
                    endAll(shuttingDown());
                    release(now);
                } else if (batch.isEmpty() && ended.isEmpty() && toTell.isEmpty()) {
                    news.awaitUninterruptibly();
                    continue;
                }
                break;
            } while (true);
            toTell.addAll(ended);
            ended.clear();
            return !closing;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the generations whose deadline passed, waiting or not. */
    private void expire(long now) {
        for (int slot = 0; slot < batch.size(); slot++) {
            expire(batch.image(slot).generation(), now);
        }
        // end() takes images out of the queue, so the queue is not walked while it changes.
        for (GenerationTask late : lateInQueue(now)) {
            expire(late, now);
        }
    }

    private List<GenerationTask> lateInQueue(long now) {
        List<GenerationTask> late = List.of();
        for (ImageTask image : waiting) {
            if (Deadline.passed(image.generation().request().deadlineNanos(), now)) {
                late = late.isEmpty() ? new ArrayList<>() : late;
                late.add(image.generation());
            }
        }
        return late;
    }

    private void expire(GenerationTask generation, long now) {
        if (Deadline.passed(generation.request().deadlineNanos(), now)) {
            end(generation, Deadline.exceeded());
        }
    }

    /** Frees the slots of generations that ended early. */
    private void release(long now) {
        for (int slot = batch.size() - 1; slot >= 0; slot--) {
            GenerationTask generation = batch.image(slot).generation();
            if (generation.failed()) {
                batch.remove(slot);
                if (generation.cancelledNanos() != 0) {
                    metrics.cancelToSlotFree(System.nanoTime() - generation.cancelledNanos());
                }
            }
        }
    }

    private void admit(long now) {
        while (!batch.isFull() && !waiting.isEmpty()) {
            ImageTask image = waiting.poll();
            image.start(now);
            if (image.complete()) { // every value was given
                finish(image, now);
                toTell.add(image.generation());
            } else {
                batch.add(image);
            }
        }
    }

    private void step() {
        int size = batch.size();
        long begun = System.nanoTime();
        try {
            batch.run();
        } catch (GraphException | RuntimeException | Error failure) {
            log.error("A step of {}/{} failed", model.name(), model.version(), failure);
            failBatch();
            return;
        }
        long now = System.nanoTime();
        times.record(size, now - begun);
        metrics.step(size, now - begun);
        step++;
        int drawn = 0;
        boolean complete = false;
        for (int slot = 0; slot < size; slot++) {
            ImageTask image = batch.image(slot);
            if (image.position() < image.given()) {
                image.pass();
            } else if (draw(slot, now)) {
                drawn++;
                complete |= image.complete();
            }
        }
        metrics.pixels(drawn);
        if (complete) {
            finishComplete(now);
        }
        toTell.forEach(GenerationTask::tell);
        toTell.clear();
    }

    /** Draws the next value of a slot; false: its generation failed. */
    private boolean draw(int slot, long now) {
        GenerationTask generation = batch.image(slot).generation();
        try {
            long gap = batch.draw(slot, now);
            if (gap < 0) {
                metrics.firstPixel(now - generation.admittedNanos());
            } else {
                metrics.pixelGap(gap);
            }
        } catch (GraphException | RuntimeException broken) {
            log.error("A value of {}/{} could not be drawn", model.name(), model.version(), broken);
            fail(generation);
            return false;
        }
        if (generation.firstNewsOf(step)) {
            toTell.add(generation);
        }
        return true;
    }

    private void finishComplete(long now) {
        lock.lock();
        try {
            for (int slot = batch.size() - 1; slot >= 0; slot--) {
                ImageTask image = batch.image(slot);
                if (image.complete()) {
                    batch.remove(slot);
                    finish(image, now);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void finish(ImageTask image, long now) {
        image.finish(sha256, now);
        if (image.generation().finishOne() && !image.generation().failed()) {
            work.end();
        }
    }

    private void failBatch() {
        lock.lock();
        try {
            for (int slot = 0; slot < batch.size(); slot++) {
                end(batch.image(slot).generation(), internal());
            }
        } finally {
            lock.unlock();
        }
    }

    private void fail(GenerationTask generation) {
        lock.lock();
        try {
            end(generation, internal());
        } finally {
            lock.unlock();
        }
    }

    private void endAll(EngineException why) {
        for (int slot = 0; slot < batch.size(); slot++) {
            end(batch.image(slot).generation(), why);
        }
        while (!waiting.isEmpty()) {
            end(waiting.peek().generation(), why);
        }
    }

    /** Ends a generation early: its images leave the queue now and their slots before the next step. */
    private boolean end(GenerationTask generation, EngineException why) {
        if (!generation.fail(why)) {
            return false;
        }
        waiting.removeIf(image -> image.generation() == generation);
        ended.add(generation);
        work.end();
        return true;
    }

    private void tellEnded() {
        toTell.forEach(GenerationTask::tell);
        toTell.clear();
    }

    private long[] remaining() {
        long[] remaining = new long[batch.slots()];
        for (int slot = 0; slot < batch.size(); slot++) {
            ImageTask image = batch.image(slot);
            // An image that is cancelled or just complete still holds its slot until the step is over.
            remaining[slot] = image.generation().failed() ? 0 : Math.max(1, steps - image.position());
        }
        return remaining;
    }

    private static EngineException internal() {
        return EngineException.of(Reason.INTERNAL, "a step of the model failed");
    }

    private static EngineException shuttingDown() {
        return EngineException.of(Reason.SHUTTING_DOWN, "the server is shutting down");
    }
}
