package io.scanline.contract;

/**
 * Draws a level from logits by inverse-CDF sampling over the levels in their order. Because levels are ordered and the
 * uniform number is given, two nearly equal distributions nearly always give the same level.
 *
 * <p>All arithmetic is in double and uses {@link StrictMath}, so that the result is the same on every JVM and CPU. Not
 * safe for use by several threads: it holds scratch space.
 */
public final class LevelSampler {
    private final int levels;
    private final double[] weights;
    private int[] ranking;
    private int[] scratch;
    // Of the level drawn last: what its probability needs, where drawing it has found that out.
    private int best;
    private double modelTotal; // NaN: not known
    private double margin;

    /** A sampler for distributions over this number of levels. */
    public LevelSampler(int levels) {
        this.levels = levels;
        this.weights = new double[levels];
        this.ranking = new int[levels];
        this.scratch = new int[levels];
    }

    /**
     * Draws a level.
     *
     * @param logits unnormalised log-probabilities; {@code levels} of them from {@code offset}
     * @param temperature divides the logits; 0 gives the likeliest level (the lowest of equals)
     * @param topK keeps the k likeliest levels, the lower one of equals first; 0 keeps all
     * @param topP keeps the likeliest levels up to this share of the probability left by topK, at least one; in (0, 1]
     * @param uniform in [0, 1)
     * @return a level, 0 to levels - 1
     */
    public int draw(float[] logits, int offset, float temperature, int topK, float topP, double uniform) {
        best = likeliest(logits, offset);
        modelTotal = Double.NaN;
        if (temperature == 0) {
            margin = Double.NaN;
            return best;
        }
        double total = 0;
        for (int level = 0; level < levels; level++) {
            weights[level] = level == best
                    ? 1
                    : StrictMath.exp(((double) logits[offset + level] - logits[offset + best]) / temperature);
            total += weights[level];
        }
        if (temperature == 1) {
            modelTotal = total;
        }
        if (topK > 0 && topK < levels || topP < 1) {
            total = truncate(topK, topP);
        }
        double target = uniform * total;
        double cumulative = 0;
        int last = best;
        for (int level = 0; level < levels; level++) {
            if (weights[level] > 0) {
                cumulative += weights[level];
                last = level;
                if (cumulative > target) {
                    margin = margin(cumulative - weights[level], target, cumulative, total);
                    return level;
                }
            }
        }
        margin = 0;
        return last; // rounding left the sum below the target
    }

    /**
     * How far, in probability, the uniform number of the last {@link #draw} was from giving another level: two
     * distributions whose cumulated probabilities differ by less give the same one. 1 when there is no other level; not a
     * number when the likeliest level was taken.
     */
    public double margin() {
        return margin;
    }

    private static double margin(double lower, double target, double upper, double total) {
        double above = upper < total * (1 - 1e-12) ? upper - target : total;
        double below = lower > 0 ? target - lower : total;
        return Math.min(above, below) / total;
    }

    /** Natural logarithm of the probability of a level under the softmax of the logits, in nats. */
    public double logProbability(float[] logits, int offset, int level) {
        double max = logits[offset + likeliest(logits, offset)];
        double total = 0;
        for (int other = 0; other < levels; other++) {
            total += StrictMath.exp(logits[offset + other] - max);
        }
        return logits[offset + level] - max - StrictMath.log(total);
    }

    /**
     * Natural logarithm of the probability of the level that the last {@link #draw} gave, in nats: the same number as
     * {@link #logProbability} of the same logits, found in less time.
     */
    public double logProbabilityOfDrawn(float[] logits, int offset, int level) {
        if (Double.isNaN(modelTotal)) {
            return logProbability(logits, offset, level);
        }
        double max = logits[offset + best];
        return logits[offset + level] - max - StrictMath.log(modelTotal);
    }

    private int likeliest(float[] logits, int offset) {
        int best = 0;
        for (int level = 1; level < levels; level++) {
            if (logits[offset + level] > logits[offset + best]) {
                best = level;
            }
        }
        return best;
    }

    /** Sets the weights of dropped levels to 0 and returns the sum of the rest, added in the order of the levels. */
    private double truncate(int topK, float topP) {
        rank();
        int kept = topK > 0 ? Math.min(topK, levels) : levels;
        if (topP < 1) {
            double mass = 0;
            for (int rank = 0; rank < kept; rank++) {
                mass += weights[ranking[rank]];
            }
            double wanted = topP * mass;
            double reached = 0;
            int rank = 0;
            do {
                reached += weights[ranking[rank++]];
            } while (reached < wanted && rank < kept);
            kept = rank;
        }
        for (int rank = kept; rank < levels; rank++) {
            weights[ranking[rank]] = 0;
        }
        double total = 0;
        for (int level = 0; level < levels; level++) {
            total += weights[level];
        }
        return total;
    }

    /** Orders the levels by falling weight, the lower one of equals first: a merge sort, since words may be many. */
    private void rank() {
        for (int level = 0; level < levels; level++) {
            ranking[level] = level;
        }
        for (int width = 1; width < levels; width *= 2) {
            for (int from = 0; from < levels; from += 2 * width) {
                merge(from, Math.min(from + width, levels), Math.min(from + 2 * width, levels));
            }
            int[] merged = scratch;
            scratch = ranking;
            ranking = merged;
        }
    }

    /** Merges two ordered runs of the ranking, [from, middle) and [middle, to), into the scratch space. */
    private void merge(int from, int middle, int to) {
        int left = from;
        int right = middle;
        for (int at = from; at < to; at++) {
            boolean takeRight =
                    left == middle || right < to && weights[ranking[left]] < weights[ranking[right]];
            scratch[at] = ranking[takeRight ? right++ : left++];
        }
    }
}
