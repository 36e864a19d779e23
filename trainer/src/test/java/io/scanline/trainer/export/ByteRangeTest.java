package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ByteRangeTest {
    @Test
    void rangeOfBothSignsReachesFromTheSmallestToTheLargest() {
        ByteRange range = ByteRange.of(-0.17f, 4.3f);
        assertThat(range.nearest(-0.17)).isCloseTo(-0.17, within(range.step() / 2.0));
        assertThat(range.nearest(4.3)).isCloseTo(4.3, within(range.step() / 2.0));
    }

    @Test
    void zeroIsAByteOfItsOwn() {
        assertThat(ByteRange.of(-0.17f, 4.3f).nearest(0)).isZero();
        assertThat(ByteRange.of(2, 4)).isEqualTo(new ByteRange(4 / 255f, 0));
        assertThat(ByteRange.of(-4, -2)).isEqualTo(new ByteRange(4 / 255f, 255));
    }

    @Test
    void whatIsBeyondIsCutOff() {
        ByteRange range = new ByteRange(0.5f, 3);
        assertThat(range.nearest(-1.6)).isEqualTo(-1.5);
        assertThat(range.nearest(-100)).isEqualTo(-1.5);
        assertThat(range.nearest(126)).isEqualTo(126);
        assertThat(range.nearest(1000)).isEqualTo(126);
        assertThat(range.isBetween(-1.75)).isFalse();
        assertThat(range.isBetween(126.25)).isFalse();
    }

    @Test
    void nothingButZerosHasARange() {
        ByteRange range = ByteRange.of(0, 0);
        assertThat(range.nearest(0)).isZero();
        assertThat(range.step()).isPositive();
    }

    @Test
    void theMiddleBetweenTwoBytesIsFound() {
        ByteRange range = new ByteRange(0.5f, 3);
        assertThat(range.isBetween(0.75)).isTrue();
        assertThat(range.isBetween(-0.25)).isTrue();
        assertThat(range.isBetween(0.7)).isFalse();
        assertThat(range.isBetween(0.5)).isFalse();
    }
}
