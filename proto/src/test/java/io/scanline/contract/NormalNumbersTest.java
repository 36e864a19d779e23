package io.scanline.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NormalNumbersTest {
    private static double unit(int high, int low) {
        return (((high & 0xFFFFFFFFL) << 32 | low & 0xFFFFFFFFL) >>> 11) * 0x1.0p-53;
    }

    @Test
    void numbersAreThoseOfTheDocumentedBlock() {
        long seed = 0x123456789ABCDEFL;
        int[] words = CounterRandom.philox(3, 5, 7, 1, (int) seed, (int) (seed >>> 32));
        double expected = Math.sqrt(-2 * Math.log(1 - unit(words[0], words[1])))
                * Math.cos(2 * Math.PI * unit(words[2], words[3]));
        assertThat(CounterRandom.normal(seed, 3, 5, 7)).isCloseTo(expected, within(1e-12));
    }

    @Test
    void everyCoordinateChangesTheNumber() {
        Set<Double> numbers = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            numbers.add(CounterRandom.normal(1 + i, 0, 0, 0));
            numbers.add(CounterRandom.normal((1L + i) << 32, 0, 0, 0));
            numbers.add(CounterRandom.normal(0, 1 + i, 0, 0));
            numbers.add(CounterRandom.normal(0, 0, 1 + i, 0));
            numbers.add(CounterRandom.normal(0, 0, 0, 1 + i));
        }
        assertThat(numbers).hasSize(500);
    }

    @Test
    void numbersAreStandardNormal() {
        int draws = 200_000;
        int[] bins = new int[20]; // of equal probability
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < draws; i++) {
            double number = CounterRandom.normal(42, i % 7, i, i % 3);
            sum += number;
            squares += number * number;
            bins[(int) (20 * (0.5 + ErrorFunction.erf(number / Math.sqrt(2)) / 2))]++;
        }
        assertThat(sum / draws).isCloseTo(0, within(4 / Math.sqrt(draws)));
        assertThat(squares / draws).isCloseTo(1, within(4 * Math.sqrt(2.0 / draws)));
        double chiSquared = 0;
        for (int bin : bins) {
            chiSquared += Math.pow(bin - draws / 20.0, 2) / (draws / 20.0);
        }
        assertThat(chiSquared).isLessThan(43.8); // 19 degrees of freedom, p = 0.001
    }

    @Test
    void componentsAndDrawsAreUncorrelated() {
        double components = 0;
        double draws = 0;
        int count = 100_000;
        for (int i = 0; i < count; i++) {
            double number = CounterRandom.normal(1, i, 0, 0);
            components += number * CounterRandom.normal(1, i, 1, 0);
            draws += number * CounterRandom.normal(1, i, 0, 1);
        }
        assertThat(components / count).isCloseTo(0, within(4 / Math.sqrt(count)));
        assertThat(draws / count).isCloseTo(0, within(4 / Math.sqrt(count)));
    }
}
