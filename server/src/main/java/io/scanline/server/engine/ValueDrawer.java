package io.scanline.server.engine;

import io.scanline.contract.LevelSampler;
import io.scanline.server.runtime.GraphException;

/** Draws the values of the images in the slots of a batch from logits. Holds scratch space: of one thread at a time. */
final class ValueDrawer {
    private final SlotBatch batch;
    private final LevelSampler sampler;
    private final Guidance guidance;

    ValueDrawer(SlotBatch batch) {
        this.batch = batch;
        this.sampler = new LevelSampler(batch.levels());
        this.guidance = new Guidance(batch.levels());
    }

    /**
     * Decides the next value of an image.
     *
     * @param logits that hold its distribution from {@code offset}
     * @return nanoseconds since the value drawn before; -1 for the first one drawn
     * @throws GraphException when the logits are not numbers
     */
    long draw(int slot, float[] logits, int offset, long now) throws GraphException {
        ImageTask image = batch.image(slot);
        CheckedRequest request = image.generation().request();
        SamplingOptions sampling = request.sampling();
        double uniform = batch.uniform(image, image.position());
        if (batch.other(slot) != slot) {
            return drawGuided(slot, request, logits, uniform, now);
        }
        int level = sampler.draw(
                logits, offset, sampling.temperature(), sampling.topK(), sampling.topP(), uniform);
        return image.append(level, number(sampler.logProbabilityOfDrawn(logits, offset, level)), now);
    }

    /** From what both slots of the image answered; how likely that was is told by the first alone. */
    private long drawGuided(int slot, CheckedRequest request, float[] logits, double uniform, long now)
            throws GraphException {
        SamplingOptions sampling = request.sampling();
        float[] mixed = guidance.mix(
                logits,
                batch.logitsOf(slot),
                batch.logitsOf(batch.other(slot)),
                request.prompt().orElseThrow().guidance());
        int level = sampler.draw(mixed, 0, sampling.temperature(), sampling.topK(), sampling.topP(), uniform);
        number(sampler.logProbabilityOfDrawn(mixed, 0, level));
        double likely = number(sampler.logProbability(logits, batch.logitsOf(slot), level));
        return batch.image(slot).append(level, likely, now);
    }

    private static double number(double logProbability) throws GraphException {
        if (Double.isNaN(logProbability)) {
            throw new GraphException("the graph answered with logits that are not numbers");
        }
        return logProbability;
    }
}
