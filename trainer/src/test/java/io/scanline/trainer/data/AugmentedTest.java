package io.scanline.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AugmentedTest {
    private static final int EDGE = 5;
    private static final ImageSet IMAGES = images();

    /** One bright pixel, at row 2 and column 1. */
    private static ImageSet images() {
        byte[] values = new byte[EDGE * EDGE * 2];
        values[2 * EDGE + 1] = 100;
        values[EDGE * EDGE] = 50; // of the second image: a corner
        return new ImageSet(values, new int[2], EDGE, EDGE, 1, 256, List.of("x"));
    }

    private static int place(int shift, boolean flip, int step) {
        byte[] image = new Augmented(new Quantiser(256), new Augmentation(shift, flip), 1)
                .at(step, IMAGES, new int[] {0})
                .image(0);
        int[] bright = IntStream.range(0, image.length).filter(i -> image[i] == 100).toArray();
        assertThat(bright).hasSize(1);
        return bright[0];
    }

    private static Set<Integer> places(int shift, boolean flip) {
        Set<Integer> places = new HashSet<>();
        for (int step = 0; step < 200; step++) {
            places.add(place(shift, flip, step));
        }
        return places;
    }

    @Test
    void imagesMoveAndAreMirrored() {
        assertThat(places(0, false)).containsExactly(2 * EDGE + 1);
        assertThat(places(0, true)).containsExactlyInAnyOrder(2 * EDGE + 1, 2 * EDGE + 3);
        assertThat(places(1, false)).containsExactlyInAnyOrder(5, 6, 7, 10, 11, 12, 15, 16, 17);
    }

    @Test
    void whatComesInRepeatsTheEdge() {
        Set<Integer> sums = new HashSet<>();
        for (int step = 0; step < 200; step++) {
            int sum = 0;
            for (byte value : new Augmented(new Quantiser(256), new Augmentation(1, false), 1)
                    .at(step, IMAGES, new int[] {1})
                    .values()) {
                sum += value;
            }
            sums.add(sum);
        }
        assertThat(sums).containsExactlyInAnyOrder(0, 50, 100, 200); // outside, once, in a row, and in both directions
    }

    @Test
    void stepAndImageDecideAndFixedImagesStay() {
        Augmented augmented = new Augmented(new Quantiser(256), new Augmentation(1, true), 1);
        assertThat(augmented.at(3, IMAGES, new int[] {1, 0}).image(1))
                .isEqualTo(augmented.at(3, IMAGES, new int[] {0}).image(0));
        assertThat(augmented.fixed(IMAGES).values()).isEqualTo(IMAGES.values());
        assertThat(IMAGES.values()).isEqualTo(images().values());
        assertThat(augmented.protocol()).isEqualTo(new Quantiser(256).protocol());
        assertThat(augmented.levels()).isEqualTo(256);
    }
}
