package io.scanline.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.scanline.bundle.v1.ImageGeometry;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import org.junit.jupiter.api.Test;

class ObservationLikelihoodTest {
    private static ImageGeometry geometry(int width, int height, int channels, int levels) {
        return ImageGeometry.newBuilder()
                .setWidth(width).setHeight(height).setChannels(channels).setLevels(levels)
                .build();
    }

    /** Image number n of all those with so many values: its digits to the base of the levels. */
    private static byte[] image(int number, int values, int levels) {
        byte[] image = new byte[values];
        for (int i = 0; i < values; i++, number /= levels) {
            image[i] = (byte) (number % levels);
        }
        return image;
    }

    @Property
    void bernoulliProbabilitiesOfAllImagesSumToOne(
            @ForAll @FloatRange(min = -30, max = 30) float first,
            @ForAll @FloatRange(min = -30, max = 30) float second,
            @ForAll @FloatRange(min = -30, max = 30) float third) {
        float[] logits = {first, second, third, 0.5f};
        ObservationLikelihood likelihood = new ObservationLikelihood(geometry(2, 2, 1, 2));
        double sum = 0;
        for (int number = 0; number < 16; number++) {
            sum += Math.exp(likelihood.bernoulli(image(number, 4, 2), logits, 0));
        }
        assertThat(sum).isCloseTo(1, within(1e-12));
    }

    @Property
    void gaussianProbabilitiesOfAllImagesSumToOne(
            @ForAll @FloatRange(min = -1, max = 2) float mean,
            @ForAll @FloatRange(min = -6, max = 2) float logDeviation) {
        float[] means = {mean, 0.3f};
        float[] logDeviations = {logDeviation, -1};
        ObservationLikelihood likelihood = new ObservationLikelihood(geometry(2, 1, 1, 8));
        double sum = 0;
        for (int number = 0; number < 64; number++) {
            sum += Math.exp(likelihood.gaussian(image(number, 2, 8), means, logDeviations, 0));
        }
        assertThat(sum).isCloseTo(1, within(1e-11));
    }

    @Test
    void bernoulliIsTheSumOfLogSigmoids() {
        ObservationLikelihood likelihood = new ObservationLikelihood(geometry(3, 1, 1, 256));
        double expected = -Math.log1p(Math.exp(-2)) - Math.log1p(Math.exp(-0.5)) - Math.log(2);
        assertThat(likelihood.bernoulli(new byte[] {(byte) 255, 0, 0}, new float[] {9, 2, -0.5f, 0}, 1))
                .isCloseTo(expected, within(1e-12));
    }

    @Test
    void bernoulliStaysExactWhereProbabilitiesVanish() {
        ObservationLikelihood likelihood = new ObservationLikelihood(geometry(2, 1, 1, 2));
        assertThat(likelihood.bernoulli(new byte[] {0, 1}, new float[] {1000, 50}, 0))
                .isCloseTo(-1000, within(1e-9));
        assertThat(likelihood.bernoulli(new byte[] {1, 1}, new float[] {1000, 1000}, 0)).isZero();
        assertThat(likelihood.bernoulli(new byte[] {1, 1}, new float[] {Float.NaN, 0}, 0)).isNaN();
        assertThat(likelihood.bernoulli(new byte[] {1, 1}, new float[] {0, Float.POSITIVE_INFINITY}, 0)).isNaN();
    }

    @Test
    void bernoulliOfALargeImageIsTheSumOfItsValues() {
        ObservationLikelihood likelihood = new ObservationLikelihood(geometry(60, 40, 1, 2));
        float[] logits = new float[2400]; // many factors of 2: their product alone would overflow
        assertThat(likelihood.bernoulli(new byte[2400], logits, 0)).isCloseTo(-2400 * Math.log(2), within(1e-9));
    }

    @Test
    void bernoulliKnowsTwoLevelsOnly() {
        ObservationLikelihood likelihood = new ObservationLikelihood(geometry(2, 1, 1, 3));
        assertThatThrownBy(() -> likelihood.bernoulli(new byte[] {2, 1}, new float[2], 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("value 1 is neither 0 nor 2");
    }

    @Test
    void gaussianLevelsOwnTheIntensitiesNearestToThem() {
        ObservationLikelihood likelihood = new ObservationLikelihood(geometry(1, 1, 1, 3));
        float[] mean = {0.5f};
        float[] logDeviation = {(float) Math.log(0.25)};
        double oneDeviation = 0.682689492137086; // mass within one deviation of the mean
        assertThat(Math.exp(likelihood.gaussian(new byte[] {1}, mean, logDeviation, 0)))
                .isCloseTo(oneDeviation, within(1e-7));
        assertThat(Math.exp(likelihood.gaussian(new byte[] {0}, mean, logDeviation, 0)))
                .isCloseTo((1 - oneDeviation) / 2, within(1e-7));
        assertThat(likelihood.gaussian(new byte[] {2}, mean, logDeviation, 0))
                .isCloseTo(likelihood.gaussian(new byte[] {0}, mean, logDeviation, 0), within(1e-6));
    }

    @Test
    void gaussianStaysFiniteFarFromTheMean() {
        ObservationLikelihood likelihood = new ObservationLikelihood(geometry(1, 1, 1, 256));
        double found = likelihood.gaussian(new byte[] {(byte) 255}, new float[] {0}, new float[] {-7}, 0);
        double away = 254.5 / 255 * Math.exp(7); // in deviations
        assertThat(found).isCloseTo(-away * away / 2 - Math.log(away * Math.sqrt(2 * Math.PI)), within(1e-3));
        assertThat(likelihood.gaussian(new byte[1], new float[] {Float.NaN}, new float[1], 0)).isNaN();
        assertThat(likelihood.gaussian(new byte[1], new float[1], new float[] {Float.NEGATIVE_INFINITY}, 0)).isNaN();
    }

    @Test
    void channelsAreInterleavedInImagesAndApartInPlanes() {
        ImagePlanes planes = new ImagePlanes(geometry(2, 1, 3, 6));
        float[] intensities = new float[7];
        planes.fromLevels(new byte[] {0, 1, 2, 3, 4, 5}, intensities, 1);
        assertThat(intensities).containsExactly(0, 0, 3 / 5f, 1 / 5f, 4 / 5f, 2 / 5f, 1);
        assertThat(planes.toLevels(intensities, 1)).containsExactly(0, 1, 2, 3, 4, 5);
        ObservationLikelihood likelihood = new ObservationLikelihood(geometry(2, 1, 3, 2));
        assertThat(likelihood.bernoulli(new byte[] {1, 0, 0, 0, 1, 0}, new float[] {99, -99, -99, 99, -99, -99}, 0))
                .isCloseTo(0, within(1e-9));
    }

    @Test
    void intensitiesBecomeTheNearestLevel() {
        ImagePlanes planes = new ImagePlanes(geometry(6, 1, 1, 5));
        assertThat(planes.toLevels(new float[] {-3, 0.124f, 0.125f, 0.49f, 0.9f, 7}, 0))
                .containsExactly(0, 0, 1, 2, 4, 4);
        assertThatThrownBy(() -> planes.toLevels(new float[] {0, 0, Float.NaN, 0, 0, 0}, 0))
                .isInstanceOf(ArithmeticException.class)
                .hasMessageContaining("value 2");
    }
}
