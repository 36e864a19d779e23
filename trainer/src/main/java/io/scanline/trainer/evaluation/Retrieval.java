package io.scanline.trainer.evaluation;

import java.util.Arrays;

/**
 * How often what belongs to a query is found among candidates: candidate i belongs to query i.
 *
 * @param ranks of what belongs to every query, from 1; of candidates that are equally near the own one is last
 */
public record Retrieval(int[] ranks) {
    /**
     * By the cosine of vectors of length 1.
     *
     * @param queries (N, D)
     * @param candidates (N, D)
     */
    public static Retrieval of(float[] queries, float[] candidates, int dimensions) {
        int count = queries.length / dimensions;
        int[] ranks = new int[count];
        for (int query = 0; query < count; query++) {
            double own = product(queries, query, candidates, query, dimensions);
            for (int candidate = 0; candidate < count; candidate++) {
                // Also when it is not a number: a broken vector finds nothing.
                ranks[query] += product(queries, query, candidates, candidate, dimensions) < own ? 0 : 1;
            }
        }
        return new Retrieval(ranks);
    }

    /**
     * The share, in per cent, of the queries whose own candidate is nearer than all others of the same group.
     *
     * @param groups of query and candidate i
     */
    public static double withinGroups(float[] queries, float[] candidates, int dimensions, int[] groups) {
        int found = 0;
        for (int query = 0; query < groups.length; query++) {
            double own = product(queries, query, candidates, query, dimensions);
            boolean nearest = true;
            for (int other = 0; other < groups.length; other++) {
                nearest &= other == query
                        || groups[other] != groups[query]
                        || product(queries, query, candidates, other, dimensions) < own;
            }
            found += nearest ? 1 : 0;
        }
        return 100.0 * found / groups.length;
    }

    /** Scalar product of two vectors. */
    public static double product(float[] some, int i, float[] others, int j, int dimensions) {
        double sum = 0;
        for (int d = 0; d < dimensions; d++) {
            sum += (double) some[i * dimensions + d] * others[j * dimensions + d];
        }
        return sum;
    }

    /** Per cent of the queries whose own candidate is among the k nearest. */
    public double recall(int k) {
        return 100.0 * Arrays.stream(ranks).filter(rank -> rank <= k).count() / ranks.length;
    }

    /** The same of a model that guesses. */
    public double chance(int k) {
        return 100.0 * Math.min(k, ranks.length) / ranks.length;
    }

    /** The rank that half of the queries do not exceed. */
    public double medianRank() {
        int[] sorted = ranks.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2.0;
    }
}
