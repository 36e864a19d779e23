package io.scanline.server.engine;

import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Who waits for a slot, who has one, and whose generation has ended. Guarded by the lock of its lane; only positions of
 * images in slots move without it.
 */
final class Roster {
    private final SlotBatch batch;
    private final ModelMetrics metrics;
    private final OpenWork work;
    private final ArrayDeque<ImageTask> waiting = new ArrayDeque<>();
    private final List<GenerationTask> untold = new ArrayList<>(); // ended, or complete without a step
    private final MessageDigest sha256 = Sha256.digest();

    Roster(SlotBatch batch, ModelMetrics metrics, OpenWork work) {
        this.batch = batch;
        this.metrics = metrics;
        this.work = work;
    }

    int waiting() {
        return waiting.size();
    }

    int active() {
        return batch.size();
    }

    /** Whether there is nothing to compute and nothing to tell. */
    boolean isIdle() {
        return batch.isEmpty() && untold.isEmpty();
    }

    void enqueue(List<ImageTask> images) {
        waiting.addAll(images);
    }

    /** Steps left in every slot; 0: free. A slot whose generation has ended is as good as free. */
    long[] remaining() {
        long[] remaining = new long[batch.slots()];
        for (int slot = 0; slot < batch.size(); slot++) {
            ImageTask image = batch.image(slot);
            remaining[slot] = image.generation().failed() ? 0 : Math.max(1, image.stepsLeft());
        }
        return remaining;
    }

    /** Ends a generation early: its images leave the queue now and their slots before the next step. */
    boolean end(GenerationTask generation, EngineException why) {
        if (!generation.fail(why)) {
            return false;
        }
        waiting.removeIf(image -> image.generation() == generation);
        untold.add(generation);
        work.end();
        return true;
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
        late.forEach(generation -> end(generation, Deadline.exceeded()));
    }

    private static void addIfLate(GenerationTask generation, long now, List<GenerationTask> late) {
        if (Deadline.passed(generation.request().deadlineNanos(), now)) {
            late.add(generation);
        }
    }

    /** Frees the slots of generations that ended early. */
    void release() {
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

    /** Gives up images that others of their request have left behind, and frees their slots. */
    void judge(long now) {
        Set<GenerationTask> racing = new LinkedHashSet<>();
        for (int slot = 0; slot < batch.size(); slot++) {
            racing.add(batch.image(slot).generation());
        }
        for (GenerationTask generation : racing) {
            if (!generation.failed()) {
                generation.race().map(BestOfRace::judge).orElse(List.of()).forEach(image -> abandon(image, now));
            }
        }
        for (int slot = batch.size() - 1; slot >= 0; slot--) {
            if (batch.image(slot).result().isPresent()) {
                batch.remove(slot);
            }
        }
    }

    private void abandon(ImageTask image, long now) {
        image.giveUp(FinishReason.ABANDONED, now);
        ended(image);
    }

    private void finish(ImageTask image, long now) {
        image.finish(sha256, now);
        ended(image);
    }

    private void ended(ImageTask image) {
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
