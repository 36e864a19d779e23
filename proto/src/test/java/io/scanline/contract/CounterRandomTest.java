package io.scanline.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CounterRandomTest {
    /** The known answers that the authors publish with their Random123 library. */
    @Test
    void philoxGivesThePublishedAnswers() {
        assertThat(CounterRandom.philox(0, 0, 0, 0, 0, 0))
                .containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
        assertThat(CounterRandom.philox(-1, -1, -1, -1, -1, -1))
                .containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
        assertThat(CounterRandom.philox(
                        0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0))
                .containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
    }

    @Property
    void numbersLieInTheUnitIntervalAndRepeat(
            @ForAll long seed, @ForAll int image, @ForAll int position, @ForAll int channel) {
        double uniform = CounterRandom.uniform(seed, image, position, channel);
        assertThat(uniform).isGreaterThanOrEqualTo(0).isLessThan(1);
        assertThat(CounterRandom.uniform(seed, image, position, channel)).isEqualTo(uniform);
    }

    @Test
    void everyCoordinateChangesTheNumber() {
        Set<Double> numbers = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            numbers.add(CounterRandom.uniform(1 + i, 0, 0, 0));
            numbers.add(CounterRandom.uniform((1L + i) << 32, 0, 0, 0));
            numbers.add(CounterRandom.uniform(0, 1 + i, 0, 0));
            numbers.add(CounterRandom.uniform(0, 0, 1 + i, 0));
            numbers.add(CounterRandom.uniform(0, 0, 0, 1 + i));
        }
        assertThat(numbers).hasSize(500);
    }

    @Test
    void numbersAreUniform() {
        int[] bins = new int[16];
        int draws = 160_000;
        for (int i = 0; i < draws; i++) {
            bins[(int) (16 * CounterRandom.uniform(42, i % 7, i, 0))]++;
        }
        double chiSquared = 0;
        for (int bin : bins) {
            chiSquared += Math.pow(bin - draws / 16.0, 2) / (draws / 16.0);
        }
        assertThat(chiSquared).isLessThan(37.7); // 15 degrees of freedom, p = 0.001
    }
}
