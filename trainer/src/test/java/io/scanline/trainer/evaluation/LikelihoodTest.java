package io.scanline.trainer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LikelihoodTest {
    @Test
    void uniformOverSixteenLevelsIsFourBits() {
        assertThat(new Likelihood(10 * 784 * Math.log(16), 10, 784).bitsPerDim()).isCloseTo(4, within(1e-12));
    }

    @Test
    void natsPerImageAndBitsPerDimAreTwoViewsOfOneNumber() {
        Likelihood likelihood = new Likelihood(674.74 * 3, 3, 784);

        assertThat(likelihood.natsPerImage()).isCloseTo(674.74, within(1e-9));
        assertThat(Likelihood.natsPerImage(likelihood.bitsPerDim(), 784)).isCloseTo(674.74, within(1e-9));
    }

    @Test
    void partsAddUpToTheWhole() {
        Likelihood sum = Likelihood.none(4).plus(new Likelihood(3, 1, 4)).plus(new Likelihood(5, 2, 4));

        assertThat(sum).isEqualTo(new Likelihood(8, 3, 4));
        assertThatThrownBy(() -> sum.plus(Likelihood.none(5))).isInstanceOf(IllegalArgumentException.class);
    }
}
