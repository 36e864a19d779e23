package io.scanline.server.engine;

import java.security.MessageDigest;
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
    private final WaitingLine<ImageTask> waiting;
    private final List<ImageTask> shelved = new ArrayList<>(); // of paused generations: they wait for no slot
    private final List<GenerationTask> untold = new ArrayList<>(); // ended, or complete without a step
    private final MessageDigest sha256 = Sha256.digest();
    private volatile long steps; // written by the lane's thread alone, without the lock

    /** @param dearest most steps that an image takes, counted in each of its slots */
    Roster(SlotBatch batch, long dearest, Scheduling scheduling, ModelMetrics metrics, OpenWork work) {
        this.batch = batch;
        this.waiting = new WaitingLine<>(dearest, scheduling);
        this.metrics = metrics;
        this.work = work;
    }

    /** The lane has taken a step. */
    void stepped() {
        steps = steps + 1;
    }

    /** Steps that the lane has taken. */
    long steps() {
        return steps;
    }

    int waiting() {
        return waiting.size() + shelved.size();
    }

    int active() {
        return batch.size();
    }

    /** Whether a slot is free. */
    boolean hasRoom() {
        return batch.fits(1);
    }

    /** Whether there is nothing to compute and nothing to tell. */
    boolean isIdle() {
        return batch.running() == 0 && untold.isEmpty();
    }

    void enqueue(List<ImageTask> images) {
        for (ImageTask image : images) {
            CheckedRequest request = image.generation().request();
            waiting.add(request.precedence(), image, image.stepsLeft(), request.rows());
        }
    }

    /** Who waits, in the order that they will be served. */
    WaitingLine<ImageTask> line() {
        return waiting;
    }

    /** Steps left in every slot; 0: free. A slot whose generation has ended is as good as free. */
    long[] remaining() {
        long[] remaining = new long[batch.slots()];
        for (int slot = 0; slot < batch.size(); slot++) {
            ImageTask image = batch.image(slot);
            boolean ended = image.generation().failed() || image.givenUp();
            remaining[slot] = ended ? 0 : Math.max(1, image.stepsLeft());
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
        if (image.generation().failed() || image.givenUp() || image.complete()) {
            return false;
        }
        image.cancel(now, steps);
        if (waiting.removeIf(other -> other == image) > 0 || shelved.remove(image)) {
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
            waiting.forEach(image -> {
                if (image.generation() == generation) {
                    shelved.add(image);
                }
            });
            waiting.removeIf(image -> image.generation() == generation);
        } else {
            List<ImageTask> back =
                    shelved.stream().filter(image -> image.generation() == generation).toList();
            shelved.removeAll(back);
            enqueue(back);
        }
    }

    /** Puts images behind those that run when their generation may take no steps, and back when it may. */
    void park() {
        for (int slot = batch.running() - 1; slot >= 0; slot--) {
            if (slot < batch.running() && batch.image(slot).generation().rests()) { // it parks other slots, too
                batch.park(slot);
            }
        }
        for (int slot = batch.running(); slot < batch.size(); slot++) {
            if (slot >= batch.running() && !batch.image(slot).generation().rests()) {
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
        List<GenerationTask> generations = new ArrayList<>(); // ending one changes the queue
        waiting.forEach(image -> generations.add(image.generation()));
        shelved.forEach(image -> generations.add(image.generation()));
        generations.forEach(generation -> end(generation, why));
    }

    /** Ends the generations whose deadline passed, waiting or not; returns the first deadline of the others. */
    long expire(long now) {
        Deadlines deadlines = new Deadlines(now);
        for (int slot = 0; slot < batch.size(); slot++) {
            deadlines.add(batch.image(slot));
        }
        if (!waiting.isEmpty()) {
            waiting.forEach(deadlines::add);
        }
        shelved.forEach(deadlines::add);
        deadlines.late.forEach(generation -> {
            if (end(generation, Deadline.exceeded())) {
                generation.cancelledAt(generation.request().deadlineNanos(), steps);
            }
        });
        return deadlines.next;
    }

    /** Those of generations at hand. */
    private static final class Deadlines {
        private final long now;
        private final List<GenerationTask> late = new ArrayList<>(0); // ended later: that changes the queue
        private long next = Long.MAX_VALUE;

        Deadlines(long now) {
            this.now = now;
        }

        void add(ImageTask image) {
            GenerationTask generation = image.generation();
            long deadline = generation.request().deadlineNanos();
            if (Deadline.passed(deadline, now)) {
                late.add(generation);
            } else {
                next = Deadline.earlier(deadline, next);
            }
        }
    }

    /** Frees the slots of generations and images that ended early; steps that they did not take are not counted. */
    void release(long now) {
        for (int slot = batch.size() - 1; slot >= 0; slot--) {
            if (slot >= batch.size()) {
                continue; // it went with its image's other slot
            }
            ImageTask image = batch.image(slot);
            GenerationTask generation = image.generation();
            if (generation.failed() || image.givenUp()) {
                waiting.refund(
                        generation.request().precedence(), image.stepsLeft() * (long) generation.request().rows());
                batch.remove(slot);
                if (image.cancelledNanos() != 0) {
                    metrics.cancelToSlotFree(
                            System.nanoTime() - image.cancelledNanos(), steps - image.cancelledSteps());
                }
                if (!generation.failed()) {
                    finish(image, now);
                    untold.add(generation);
                }
            }
        }
    }

    /**
     * Gives free slots to waiting images, whose turn it is. For one that takes two slots the first that is free is kept
     * until there is another: who is passed over could wait for ever.
     */
    void admit(long now) {
        while (batch.fits(1) && !waiting.isEmpty() && batch.fits(waiting.peek().rows())) {
            ImageTask image = waiting.poll().item();
            image.start(now);
            if (image.complete()) { // every value was given
                finish(image, now);
                untold.add(image.generation());
            } else {
                int slot = batch.add(image);
                if (image.generation().rests()) {
                    batch.park(slot);
                }
            }
        }
    }

    /** Frees the slots of complete images and sets their results. */
    void finishComplete(long now) {
        for (int slot = batch.size() - 1; slot >= 0; slot--) {
            ImageTask image = slot < batch.size() ? batch.image(slot) : null; // null: it went with its other slot
            if (image != null && image.complete()) {
                batch.remove(slot);
                finish(image, now);
            }
        }
    }

    /** Gives up images that others of their request have left behind: their slots are free before the next step. */
    void judge() {
        Set<GenerationTask> racing = new LinkedHashSet<>();
        for (int slot = 0; slot < batch.size(); slot++) {
            racing.add(batch.image(slot).generation());
        }
        for (GenerationTask generation : racing) {
            if (!generation.failed()) {
                generation.race().ifPresent(BestOfRace::judge);
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
