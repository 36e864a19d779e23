package io.scanline.server.engine;

import io.scanline.contract.CounterRandom;
import io.scanline.contract.LevelSampler;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepProgram;

/**
 * The images that a step works on: always slots 0 to size - 1, each at its own position. When one leaves, the last one
 * takes its place together with its state.
 */
final class SlotBatch {
    private final StepProgram program;
    private final StepFeed feed;
    private final LevelSampler sampler;
    private final int levels;
    private final int channels;
    private final ImageTask[] images;
    private int size;

    SlotBatch(StepProgram program, StepFeed feed, int levels, int channels) {
        this.program = program;
        this.feed = feed;
        this.sampler = new LevelSampler(levels);
        this.levels = levels;
        this.channels = channels;
        this.images = new ImageTask[program.slots()];
    }

    int slots() {
        return images.length;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    boolean isFull() {
        return size == images.length;
    }

    ImageTask image(int slot) {
        return images[slot];
    }

    void add(ImageTask image) {
        program.label()[size] = image.generation().request().label();
        images[size++] = image;
    }

    void remove(int slot) {
        int last = --size;
        if (slot != last) {
            images[slot] = images[last];
            program.label()[slot] = program.label()[last];
            program.move(last, slot, images[last].position());
        }
        images[last] = null;
    }

    /** Computes the logits of the next value of every image. */
    void run() throws GraphException {
        for (int slot = 0; slot < size; slot++) {
            feed.show(program, slot, images[slot].valuesInPlace(), images[slot].position());
        }
        program.run(size);
    }

    /**
     * Decides the value that the last run was about.
     *
     * @return nanoseconds since the value drawn before; -1 for the first one drawn
     * @throws GraphException when the logits are not numbers
     */
    long draw(int slot, long now) throws GraphException {
        ImageTask image = images[slot];
        CheckedRequest request = image.generation().request();
        SamplingOptions sampling = request.sampling();
        int pixel = image.position() / channels;
        int channel = image.position() - pixel * channels;
        double uniform = CounterRandom.uniform(request.seed(), image.index(), pixel, channel);
        float[] logits = program.logits();
        int level = sampler.draw(
                logits, slot * levels, sampling.temperature(), sampling.topK(), sampling.topP(), uniform);
        double logProbability = sampler.logProbabilityOfDrawn(logits, slot * levels, level);
        if (Double.isNaN(logProbability)) {
            throw new GraphException("the graph answered with logits that are not numbers");
        }
        return image.append(level, logProbability, now);
    }
}
