package io.scanline.trainer.evaluation;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How well a text says what one of several true ones does, by its words: letters and digits, whatever their case.
 *
 * @param exact whether the words are those of a true text, in the same order
 * @param f1 harmonic mean of the share of its words that are right and of the share of the right ones that it has, words being
 *     counted as often as they occur, 0 to 1: of the true text where that is largest
 */
public record WordMatch(boolean exact, double f1) {
    /** Compares a text. */
    public static WordMatch of(String said, List<String> truths) {
        return truths.stream()
                .map(truth -> of(words(said), words(truth)))
                .max(Comparator.comparing(WordMatch::exact).thenComparing(WordMatch::f1))
                .orElseThrow();
    }

    private static WordMatch of(List<String> said, List<String> truth) {
        Map<String, Integer> left = new HashMap<>();
        truth.forEach(word -> left.merge(word, 1, Integer::sum));
        int right = 0;
        for (String word : said) {
            if (left.merge(word, -1, Integer::sum) >= 0) {
                right++;
            }
        }
        int both = said.size() + truth.size();
        return new WordMatch(said.equals(truth), both == 0 ? 1 : 2.0 * right / both);
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+"))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** Per cent of these that are exact. */
    public static double exactPercent(List<WordMatch> all) {
        return 100.0 * all.stream().filter(WordMatch::exact).count() / all.size();
    }

    /** The mean F1 of these, times 100. */
    public static double meanF1(List<WordMatch> all) {
        return 100 * all.stream().mapToDouble(WordMatch::f1).average().orElseThrow();
    }
}
