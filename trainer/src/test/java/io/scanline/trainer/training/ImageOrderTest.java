package io.scanline.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ImageOrderTest {
    @Property(tries = 50)
    void everyImageIsSeenOnceAnEpoch(
            @ForAll @IntRange(min = 1, max = 8) int batch,
            @ForAll @IntRange(min = 1, max = 12) int steps,
            @ForAll @IntRange(max = 5) int epoch,
            @ForAll long seed) {
        ImageOrder order = new ImageOrder(batch * steps, batch, seed);
        int[] seen = IntStream.range(epoch * steps, (epoch + 1) * steps)
                .flatMap(step -> Arrays.stream(order.at(step)))
                .sorted()
                .toArray();
        assertThat(seen).isEqualTo(IntStream.range(0, batch * steps).toArray());
    }

    @Property(tries = 50)
    void stepDependsOnNothingButSeedAndItsNumber(
            @ForAll @IntRange(max = 60) int step, @ForAll @IntRange(max = 60) int earlier, @ForAll long seed) {
        ImageOrder used = new ImageOrder(50, 7, seed);
        used.at(earlier);
        assertThat(used.at(step)).isEqualTo(new ImageOrder(50, 7, seed).at(step));
    }

    @Test
    void epochsAndSeedsDiffer() {
        ImageOrder order = new ImageOrder(50, 50, 1);
        assertThat(order.at(0)).isNotEqualTo(order.at(1));
        assertThat(order.at(0)).isNotEqualTo(new ImageOrder(50, 50, 2).at(0));
    }

    @Property(tries = 50)
    void smallSetFillsABatchAsEvenlyAsItCan(
            @ForAll @IntRange(min = 1, max = 9) int images, @ForAll @IntRange(max = 20) int step, @ForAll long seed) {
        int batch = images * 3 + 1;
        int[] indices = new ImageOrder(images, batch, seed).at(step);

        assertThat(indices).hasSize(batch).containsOnly(IntStream.range(0, images).toArray());
        for (int image = 0; image < images; image++) {
            int wanted = image;
            assertThat(Arrays.stream(indices).filter(index -> index == wanted).count()).isBetween(2L, 4L);
        }
    }

    @Test
    void noImagesAreRefused() {
        assertThatThrownBy(() -> new ImageOrder(0, 4, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
