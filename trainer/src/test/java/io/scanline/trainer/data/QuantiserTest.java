package io.scanline.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class QuantiserTest {
    @Test
    void sixteenLevelsAreTheUpperFourBits() {
        Quantiser quantiser = new Quantiser(16);

        for (int intensity = 0; intensity < 256; intensity++) {
            assertThat(quantiser.level(intensity)).isEqualTo(intensity >> 4);
        }
        assertThat(quantiser.intensity(1)).isEqualTo(17);
    }

    @Property(tries = 255)
    void levelsRiseWithIntensityAndUseTheWholeRange(@ForAll @IntRange(min = 2, max = 256) int levels) {
        Quantiser quantiser = new Quantiser(levels);

        assertThat(quantiser.level(0)).isZero();
        assertThat(quantiser.level(255)).isEqualTo(levels - 1);
        for (int intensity = 1; intensity < 256; intensity++) {
            assertThat(quantiser.level(intensity) - quantiser.level(intensity - 1)).isBetween(0, 1);
        }
    }

    @Property(tries = 255)
    void shownLevelIsQuantisedBackToItself(@ForAll @IntRange(min = 2, max = 256) int levels) {
        Quantiser quantiser = new Quantiser(levels);
        byte[] shown = quantiser.levelValues();

        assertThat(shown).hasSize(levels).startsWith(0).endsWith(255);
        for (int level = 0; level < levels; level++) {
            assertThat(quantiser.level(shown[level] & 0xFF)).isEqualTo(level);
        }
    }

    @Test
    void imagesAreQuantisedOnceAndShownAgain() {
        ImageSet images = new SyntheticShapes(6, 6).draw(3, 1);
        Quantiser quantiser = new Quantiser(4);

        ImageSet levels = quantiser.quantise(images);

        assertThat(levels.levels()).isEqualTo(4);
        assertThat(levels.labels()).isEqualTo(images.labels());
        byte[] shown = quantiser.intensities(levels.values());
        for (int i = 0; i < shown.length; i++) {
            assertThat(levels.values()[i]).isEqualTo((byte) ((images.values()[i] & 0xFF) / 64));
            assertThat(shown[i] & 0xFF).isEqualTo(levels.values()[i] * 85);
        }
        assertThatThrownBy(() -> quantiser.quantise(levels)).hasMessageContaining("4 levels already");
    }

    @Test
    void numberOfLevelsIsChecked() {
        assertThatThrownBy(() -> new Quantiser(1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Quantiser(257)).isInstanceOf(IllegalArgumentException.class);
    }
}
