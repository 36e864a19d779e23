package io.scanline.trainer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PairedTest {
    @Test
    void meanAndItsStandardErrorAreThoseOfTheDifferences() {
        Paired some = new Paired(new double[] {5, 7, 9, 11});
        Paired others = new Paired(new double[] {4, 5, 6, 7});
        assertThat(some.mean()).isEqualTo(8);
        assertThat(some.less(others).numbers()).containsExactly(1, 2, 3, 4);
        // Variance 5/3 of four numbers.
        assertThat(some.less(others).standardError()).isCloseTo(Math.sqrt(5 / 3.0 / 4), within(1e-12));
        assertThat(new Paired(new double[] {1}).standardError()).isNaN();
    }
}
