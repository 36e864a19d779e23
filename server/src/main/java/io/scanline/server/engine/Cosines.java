package io.scanline.server.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Arithmetic on vectors of length 1 and on logits, in double. */
final class Cosines {
    private Cosines() {}

    /** The cosine of the angle between two vectors of length 1, -1 to 1. */
    static double cosine(float[] one, float[] other) {
        double sum = 0;
        for (int d = 0; d < one.length; d++) {
            sum += (double) one[d] * other[d];
        }
        return Math.max(-1, Math.min(1, sum));
    }

    /** The mean of vectors, made of length 1 again; zeros if they cancel out. */
    static float[] mean(List<float[]> vectors) {
        double[] sum = new double[vectors.get(0).length];
        for (float[] vector : vectors) {
            for (int d = 0; d < sum.length; d++) {
                sum[d] += vector[d];
            }
        }
        double length = Math.sqrt(IntStream.range(0, sum.length).mapToDouble(d -> sum[d] * sum[d]).sum());
        float[] mean = new float[sum.length];
        for (int d = 0; d < mean.length; d++) {
            mean[d] = length == 0 ? 0 : (float) (sum[d] / length);
        }
        return mean;
    }

    static double[] softmax(double[] logits) {
        double highest = Double.NEGATIVE_INFINITY;
        for (double logit : logits) {
            highest = Math.max(highest, logit);
        }
        double sum = 0;
        double[] probabilities = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            probabilities[i] = Math.exp(logits[i] - highest);
            sum += probabilities[i];
        }
        for (int i = 0; i < logits.length; i++) {
            probabilities[i] /= sum;
        }
        return probabilities;
    }

    /** The likeliest classes; of equal ones the first. */
    static List<ClassProbability> likeliest(double[] logits, List<String> names, int top) {
        double[] probabilities = softmax(logits);
        List<ClassProbability> classes = new ArrayList<>();
        for (int i = 0; i < logits.length; i++) {
            classes.add(new ClassProbability(i, names.get(i), probabilities[i]));
        }
        classes.sort(Comparator.comparingDouble(ClassProbability::probability).reversed());
        boolean all = top <= 0 || top >= classes.size(); // uint32: above 2^31 - 1 it is negative
        return List.copyOf(all ? classes : classes.subList(0, top));
    }

    /** Candidates by how near they are to a query, the nearest first. */
    static List<RankedCandidate> rank(float[] query, List<float[]> candidates, float scale) {
        double[] cosines = candidates.stream().mapToDouble(vector -> cosine(query, vector)).toArray();
        double[] logits = new double[cosines.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = scale * cosines[i];
        }
        double[] probabilities = scale > 0 ? softmax(logits) : new double[cosines.length];
        return IntStream.range(0, cosines.length)
                .mapToObj(i -> new RankedCandidate(i, cosines[i], probabilities[i]))
                .sorted(Comparator.comparingDouble(RankedCandidate::cosine).reversed())
                .toList();
    }
}
