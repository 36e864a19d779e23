package io.scanline.trainer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SampleSupportTest {
    private static double[][] normal(long seed, int count, double x) {
        Random random = new Random(seed);
        double[][] points = new double[count][];
        for (int i = 0; i < count; i++) {
            points[i] = new double[] {x + random.nextGaussian(), random.nextGaussian()};
        }
        return points;
    }

    @Test
    void samplesThatAreTheRealPointsAreCoveredAndCover() {
        double[][] points = normal(1, 200, 0);
        assertThat(SampleSupport.of(points, points)).isEqualTo(new SampleSupport(1, 1));
    }

    @Test
    void samplesFarAwayAreNeither() {
        assertThat(SampleSupport.of(normal(1, 200, 0), normal(2, 200, 100))).isEqualTo(new SampleSupport(0, 0));
    }

    @Test
    void samplesOfOneOfTwoModesHavePrecisionAndHalfTheRecall() {
        double[][] both = normal(1, 400, 0);
        for (int i = 0; i < 200; i++) {
            both[i][0] += 50;
        }
        SampleSupport found = SampleSupport.of(both, normal(2, 400, 0));
        assertThat(found.precision()).isGreaterThan(0.9);
        assertThat(found.recall()).isBetween(0.45, 0.5);
    }

    /** On a line every ball of three neighbours can be counted by hand. */
    @Test
    void ballsReachTheThirdNeighbour() {
        double[][] real = {{0}, {1}, {2}, {3}, {10}}; // radii 3, 2, 2, 3, 9
        double[][] samples = {{-3}, {-3.1}, {1}, {6}, {19.1}}; // radii 9, 9.1, 5, 9.1, 22.1
        SampleSupport found = SampleSupport.of(real, samples);
        assertThat(found.precision()).isEqualTo(3 / 5.0);
        assertThat(found.recall()).isEqualTo(1);
    }

    @Test
    void tooFewPointsAreRefused() {
        double[][] few = normal(1, 3, 0);
        assertThatThrownBy(() -> SampleSupport.of(few, few)).isInstanceOf(IllegalArgumentException.class);
    }
}
