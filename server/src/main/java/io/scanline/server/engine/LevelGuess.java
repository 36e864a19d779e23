package io.scanline.server.engine;

import io.scanline.contract.LevelSampler;

/** A guess at a value, drawn as the value itself will be, and how far it was from being another one. Of one thread. */
final class LevelGuess {
    private final LevelSampler sampler;
    private final int levels;
    private double margin;

    LevelGuess(int levels) {
        this.sampler = new LevelSampler(levels);
        this.levels = levels;
    }

    /**
     * Guesses.
     *
     * @param logits of the guess's own distribution, from {@code offset}
     * @param uniform the number that will decide the value
     */
    byte of(float[] logits, int offset, SamplingOptions sampling, double uniform) {
        int level =
                sampler.draw(logits, offset, sampling.temperature(), sampling.topK(), sampling.topP(), uniform);
        margin = sampling.temperature() == 0 ? lead(logits, offset, level) : sampler.margin();
        return (byte) level;
    }

    /** How far the last guess was from another one, in probability, at most 1; the farther, the likelier it is right. */
    double margin() {
        return margin;
    }

    /** Half of what the likeliest level's probability lies above the next one's. */
    private double lead(float[] logits, int offset, int best) {
        double total = 0;
        double next = 0;
        for (int level = 0; level < levels; level++) {
            double weight = Math.exp(logits[offset + level] - logits[offset + best]);
            total += weight;
            next = level == best ? next : Math.max(next, weight);
        }
        return (1 - next) / total / 2;
    }
}
