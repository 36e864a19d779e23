package io.scanline.server.engine;

import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Who waits for a slot, who has one, and whose generation has ended. Guarded by the lock of its lane; only positions of
 * images in slots move without it.
 */
final class Roster {
    private final SlotBatch batch;
    private final int steps;
    private final ModelMetrics metrics;
    private final OpenWork work;
    private final ArrayDeque<ImageTask> waiting = new ArrayDeque<>();
    private final List<ImageTask> shelved = new ArrayList<>(); // of paused generations: they wait for no slot
    private final List<GenerationTask> untold = new ArrayList<>(); // ended, or complete without a step
    private final MessageDigest sha256 = Sha256.digest();

    Roster(SlotBatch batch, int steps, ModelMetrics metrics, OpenWork work) {
        this.batch = batch;
        this.steps = steps;
        this.metrics = metrics;
        this.work = work;
    }

    int waiting() {
        return waiting.size() + shelved.size();
    }

    int active() {
        return batch.size();
    }

    /** Whether there is nothing to compute and nothing to tell. */
    boolean isIdle() {
        return batch.running() == 0 && untold.isEmpty();
    }

    void enqueue(List<ImageTask> images) {
        waiting.addAll(images);
    }

    /** Steps left in every slot; 0: free. A slot whose generation has ended is as good as free. */
    long[] remaining() {
        long[] remaining = new long[batch.slots()];
        for (int slot = 0; slot < batch.size(); slot++) {
            ImageTask image = batch.image(slot);
            boolean ended = image.generation().failed() || image.cancelled();
            remaining[slot] = ended ? 0 : Math.max(1, steps - image.position());
        }
        return remaining;
    }

    /** Ends a generation early: its images leave the queue now and their slots before the next step. */
    boolean end(GenerationTask generation, EngineException why) {
        if (!generation.fail(why)) {
            return false;
        }
        waiting.removeIf(image -> image.generation() == generation);
        shelved.removeIf(image -> image.generation() == generation);
        untold.add(generation);
        work.end();
        return true;
    }

    /** Ends one image early: it leaves the queue now or its slot before the next step. False: it had ended already. */
    boolean cancel(ImageTask image, long now) {
        if (image.generation().failed() || image.cancelled() || image.complete()) {
            return false;
        }
        image.cancel(now);
        if (waiting.remove(image) || shelved.remove(image)) {
            finish(image, now);
            untold.add(image.generation());
        }
        return true;
    }

    /**
     * Says whether steps are to be taken for a generation. While they are not, its waiting images give up their place.
     */
    void pause(GenerationTask generation, boolean paused) {
        if (generation.failed() || generation.paused() == paused) {
            return;
        }
        generation.setPaused(paused);
        if (paused) {
            waiting.stream().filter(image -> image.generation() == generation).forEach(shelved::add);
            waiting.removeIf(image -> image.generation() == generation);
        } else {
            List<ImageTask> back =
                    shelved.stream().filter(image -> image.generation() == generation).toList();
            shelved.removeAll(back);
            enqueue(back);
        }
    }

    /** Puts images behind those that run when their generation is paused, and back when it is not. */
    void park() {
        for (int slot = batch.running() - 1; slot >= 0; slot--) {
            if (batch.image(slot).generation().paused()) {
                batch.park(slot);
            }
        }
        for (int slot = batch.running(); slot < batch.size(); slot++) {
            if (!batch.image(slot).generation().paused()) {
                batch.unpark(slot);
            }
        }
    }

    /** Ends all generations that have an image in a slot. */
    void endActive(EngineException why) {
        for (int slot = 0; slot < batch.size(); slot++) {
            end(batch.image(slot).generation(), why);
        }
    }

    /** Ends all generations. */
    void endAll(EngineException why) {
        endActive(why);
        while (!waiting.isEmpty()) {
            end(waiting.peek().generation(), why);
        }
        while (!shelved.isEmpty()) {
            end(shelved.get(0).generation(), why);
        }
    }

    /** Ends the generations whose deadline passed, waiting or not. */
    void expire(long now) {
        List<GenerationTask> late = new ArrayList<>(0); // ending one changes the queue, so it is not walked meanwhile
        for (int slot = 0; slot < batch.size(); slot++) {
            addIfLate(batch.image(slot).generation(), now, late);
        }
        for (ImageTask image : waiting) {
            addIfLate(image.generation(), now, late);
        }
        shelved.forEach(image -> addIfLate(image.generation(), now, late));
        late.forEach(generation -> end(generation, Deadline.exceeded()));
    }

    private static void addIfLate(GenerationTask generation, long now, List<GenerationTask> late) {
        if (Deadline.passed(generation.request().deadlineNanos(), now)) {
            late.add(generation);
        }
    }

    /** Frees the slots of generations and images that ended early. */
    void release(long now) {
        for (int slot = batch.size() - 1; slot >= 0; slot--) {
            ImageTask image = batch.image(slot);
            GenerationTask generation = image.generation();
            if (generation.failed() || image.cancelled()) {
                batch.remove(slot);
                if (image.cancelledNanos() != 0) {
                    metrics.cancelToSlotFree(System.nanoTime() - image.cancelledNanos());
                }
                if (!generation.failed()) {
                    finish(image, now);
                    untold.add(generation);
                }
            }
        }
    }

    /** Gives free slots to waiting images, first come first served. */
    void admit(long now) {
        while (!batch.isFull() && !waiting.isEmpty()) {
            ImageTask image = waiting.poll();
            image.start(now);
            if (image.complete()) { // every value was given
                finish(image, now);
                untold.add(image.generation());
            } else {
                batch.add(image);
            }
        }
    }

    /** Frees the slots of complete images and sets their results. */
    void finishComplete(long now) {
        for (int slot = batch.size() - 1; slot >= 0; slot--) {
            ImageTask image = batch.image(slot);
            if (image.complete()) {
                batch.remove(slot);
                finish(image, now);
            }
        }
    }

    private void finish(ImageTask image, long now) {
        image.finish(sha256, now);
        if (image.generation().finishOne() && !image.generation().failed()) {
            work.end();
        }
    }

    /** Moves the generations whose listeners must be told to a list of the caller. */
    void takeUntold(List<GenerationTask> into) {
        into.addAll(untold);
        untold.clear();
    }
}
