package io.scanline.server.engine;

import io.scanline.contract.CounterRandom;
import io.scanline.contract.LevelSampler;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepProgram;

/**
 * The images that have a slot, each at its own position: slots 0 to running - 1 take part in every step, those behind
 * them up to size - 1 are parked. When one leaves or changes sides, others move together with their state.
 */
final class SlotBatch {
    private final StepProgram program;
    private final StepFeed feed;
    private final LevelSampler sampler;
    private final int levels;
    private final int channels;
    private final ImageTask[] images;
    private int running;
    private int size;

    /** @param program its last slot is for moves only, so that two images can change places in a full batch */
    SlotBatch(StepProgram program, StepFeed feed, int levels, int channels) {
        this.program = program;
        this.feed = feed;
        this.sampler = new LevelSampler(levels);
        this.levels = levels;
        this.channels = channels;
        this.images = new ImageTask[program.slots() - 1];
    }

    int slots() {
        return images.length;
    }

    int size() {
        return size;
    }

    /** Images that take part in the next step: those in the first slots. */
    int running() {
        return running;
    }

    boolean isFull() {
        return size == images.length;
    }

    ImageTask image(int slot) {
        return images[slot];
    }

    void add(ImageTask image) {
        if (running < size) {
            move(running, size);
        }
        program.label()[running] = image.generation().request().label();
        images[running++] = image;
        size++;
    }

    void remove(int slot) {
        int gap = slot;
        if (slot < running) {
            move(--running, slot);
            gap = running;
        }
        move(--size, gap);
        images[size] = null;
    }

    /** Keeps the image of a running slot out of the steps that follow. */
    void park(int slot) {
        swap(slot, --running);
    }

    /** Lets the image of a parked slot take part again. */
    void unpark(int slot) {
        swap(slot, running++);
    }

    private void swap(int one, int other) {
        if (one != other) {
            int spare = images.length;
            ImageTask moved = images[one];
            long label = program.label()[one];
            program.move(one, spare, moved.position());
            move(other, one);
            program.move(spare, other, moved.position());
            images[other] = moved;
            program.label()[other] = label;
        }
    }

    private void move(int from, int to) {
        if (from != to) {
            images[to] = images[from];
            program.label()[to] = program.label()[from];
            program.move(from, to, images[from].position());
        }
    }

    /** Computes the logits of the next value of every image that runs. */
    void run() throws GraphException {
        for (int slot = 0; slot < running; slot++) {
            feed.show(program, slot, images[slot].valuesInPlace(), images[slot].position());
        }
        program.run(running);
    }

    /** What the last run answered; the logits of a slot begin at {@link #logitsOf}. */
    float[] logits() {
        return program.logits();
    }

    /** Where the logits of a slot begin. */
    int logitsOf(int slot) {
        return slot * levels;
    }

    /**
     * Decides the next value of an image.
     *
     * @param logits that hold its distribution from {@code offset}
     * @return nanoseconds since the value drawn before; -1 for the first one drawn
     * @throws GraphException when the logits are not numbers
     */
    long draw(int slot, float[] logits, int offset, long now) throws GraphException {
        ImageTask image = images[slot];
        CheckedRequest request = image.generation().request();
        SamplingOptions sampling = request.sampling();
        double uniform = uniform(image, image.position());
        int level = sampler.draw(
                logits, offset, sampling.temperature(), sampling.topK(), sampling.topP(), uniform);
        double logProbability = sampler.logProbabilityOfDrawn(logits, offset, level);
        if (Double.isNaN(logProbability)) {
            throw new GraphException("the graph answered with logits that are not numbers");
        }
        return image.append(level, logProbability, now);
    }

    /** The uniform number that decides a value of an image. */
    double uniform(ImageTask image, int position) {
        int pixel = position / channels;
        return CounterRandom.uniform(
                image.generation().request().seed(), image.index(), pixel, position - pixel * channels);
    }
}
