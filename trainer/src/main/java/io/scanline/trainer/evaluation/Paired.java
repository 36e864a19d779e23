package io.scanline.trainer.evaluation;

import java.util.Arrays;

/**
 * Numbers of which each belongs to an image, or to a text.
 *
 * @param numbers one for each
 */
public record Paired(double[] numbers) {
    /** Mean. */
    public double mean() {
        return Arrays.stream(numbers).average().orElse(Double.NaN);
    }

    /** Standard error of the mean, the numbers being independent; not a number of fewer than two. */
    public double standardError() {
        double mean = mean();
        double squares = Arrays.stream(numbers).map(number -> (number - mean) * (number - mean)).sum();
        return Math.sqrt(squares / (numbers.length - 1) / numbers.length);
    }

    /** These less others, pair by pair. */
    public Paired less(Paired others) {
        double[] differences = numbers.clone();
        for (int i = 0; i < differences.length; i++) {
            differences[i] -= others.numbers[i];
        }
        return new Paired(differences);
    }
}
