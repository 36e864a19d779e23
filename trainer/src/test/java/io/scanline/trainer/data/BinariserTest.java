package io.scanline.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BinariserTest {
    private static final Binariser BINARISER = new Binariser(7);

    /** Images of 16 x 16 pixels, one of every intensity each, so that a draw is a fingerprint. */
    private static ImageSet ramps(int count) {
        byte[] values = new byte[count * 256];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) i;
        }
        return new ImageSet(values, new int[count], 16, 16, 1, 256, List.of("ramp"));
    }

    @Test
    void valuesAreOneAsOftenAsTheirIntensitySays() {
        ImageSet ramp = ramps(1);
        int[] ones = new int[256];
        int steps = 4000;
        for (int step = 0; step < steps; step++) {
            ImageSet drawn = BINARISER.at(step, ramp, new int[] {0});
            assertThat(drawn.levels()).isEqualTo(2);
            for (int i = 0; i < 256; i++) {
                ones[i] += drawn.values()[i];
            }
        }

        assertThat(ones[0]).isZero();
        assertThat(ones[255]).isEqualTo(steps);
        for (int intensity = 1; intensity < 255; intensity++) {
            double p = intensity / 255.0;
            // Five standard deviations; the draws are the same in every run.
            double scatter = 5 * Math.sqrt(p * (1 - p) / steps);
            assertThat(ones[intensity] / (double) steps).as("intensity %d", intensity).isCloseTo(p, within(scatter));
        }
    }

    @Test
    void everyStepAndEveryImageAndEverySeedDrawsAfresh() {
        ImageSet images = ramps(3);
        byte[] first = BINARISER.at(0, images, new int[] {0}).values();

        assertThat(BINARISER.at(1, images, new int[] {0}).values()).isNotEqualTo(first);
        assertThat(BINARISER.at(0, images, new int[] {1}).values()).isNotEqualTo(first);
        assertThat(new Binariser(8).at(0, images, new int[] {0}).values()).isNotEqualTo(first);
    }

    @Test
    void drawDependsOnNothingButSeedStepAndIndex() {
        ImageSet images = ramps(6);
        ImageSet together = BINARISER.at(41, images, new int[] {5, 0, 3});

        assertThat(new Binariser(7).at(41, images, new int[] {3}).image(0)).isEqualTo(together.image(2));
        assertThat(new Binariser(7).at(41, images, new int[] {1, 5}).image(1)).isEqualTo(together.image(0));
    }

    @Test
    void fixedDrawIsTheSameForAnySeedOfTheTrainingAndUnlikeAnyStep() {
        ImageSet images = ramps(4);
        ImageSet fixed = BINARISER.fixed(images);

        assertThat(new Binariser(99).fixed(images).values()).isEqualTo(fixed.values());
        assertThat(BINARISER.fixed(images.first(2)).values()).isEqualTo(fixed.first(2).values());
        int[] all = IntStream.range(0, 4).toArray();
        assertThat(new Binariser(Binariser.FIXED_SEED).at(0, images, all).values()).isNotEqualTo(fixed.values());
        // The draw that figures are reported on: nobody may change it unnoticed.
        assertThat(Arrays.hashCode(fixed.values())).isEqualTo(-1_570_701_983);
    }

    @Test
    void imagesThatHaveLevelsAlreadyAreRefused() {
        ImageSet levels = new Quantiser(2).quantise(ramps(1));

        assertThatThrownBy(() -> BINARISER.fixed(levels)).hasMessageContaining("2 levels already");
    }

    @Test
    void quantisedImagesAreTheSameAtEveryStepAndInTheFixedSet() {
        ImageSet images = ramps(3);
        Discretiser quantiser = new Quantiser(16);

        ImageSet step = quantiser.at(5, images, new int[] {2, 0});
        assertThat(step.values()).isEqualTo(quantiser.fixed(images).select(new int[] {2, 0}).values());
        assertThat(quantiser.levels()).isEqualTo(16);
        TrainTest both = quantiser.fixed(new TrainTest(images, images.first(1)));
        assertThat(both.training().levels()).isEqualTo(16);
        assertThat(both.test().size()).isEqualTo(1);
        Holdout parts = quantiser.fixed(new Holdout(images, images.first(2)));
        assertThat(parts.validation().levels()).isEqualTo(16);
        assertThat(parts.training().size()).isEqualTo(3);
    }
}
