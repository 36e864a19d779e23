package io.scanline.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.ops.Libtorch;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class FrechetDistanceTest {
    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    /** The corners of a box around a middle have means, variances a^2 4/3 each, and no covariance. */
    private static double[][] box(double x, double y, double a, double b) {
        return new double[][] {{x - a, y - b}, {x - a, y + b}, {x + a, y - b}, {x + a, y + b}};
    }

    @Test
    void sameSetIsAtNoDistance() {
        double[][] box = box(1, 2, 3, 0.5);
        assertThat(FrechetDistance.of(box, box)).isCloseTo(0, within(1e-9));
    }

    @Test
    void shiftedSetIsAtTheSquareOfTheShift() {
        assertThat(FrechetDistance.of(box(0, 0, 1, 2), box(3, -4, 1, 2))).isCloseTo(25, within(1e-9));
    }

    /** Of commuting covariances: the sum of squared differences of deviations. */
    @Test
    void axesThatDifferAddTheSquaresOfTheirDeviationsDifferences() {
        double scale = Math.sqrt(4 / 3.0);
        double wanted = Math.pow((5 - 2) * scale, 2) + Math.pow((0.5 - 1) * scale, 2);
        assertThat(FrechetDistance.of(box(0, 0, 5, 0.5), box(0, 0, 2, 1))).isCloseTo(wanted, within(1e-9));
    }

    /** In two dimensions tr root(M) = root(tr M + 2 root(det M)), here of covariances that do not commute. */
    @Test
    void covariancesNeedNotCommute() {
        double[][] turned = box(0, 0, 3, 1);
        for (double[] point : turned) {
            double x = point[0];
            point[0] = (x - point[1]) / Math.sqrt(2);
            point[1] = (x + point[1]) / Math.sqrt(2);
        }
        double third = 4 / 3.0;
        // S_a = third diag(4, 1), S_b = third [[5, 4], [4, 5]]: tr S_a S_b = third^2 25, det = third^4 4 * 9
        double root = third * Math.sqrt(25 + 2 * Math.sqrt(36));
        double wanted = third * (5 + 10) - 2 * root;
        assertThat(FrechetDistance.of(box(0, 0, 2, 1), turned)).isCloseTo(wanted, within(1e-9));
        assertThat(FrechetDistance.of(turned, box(0, 0, 2, 1))).isCloseTo(wanted, within(1e-9));
    }

    @Test
    void fewerPointsThanDimensionsAreCompared() {
        Random random = new Random(1);
        double[][] few = {random.doubles(10).toArray(), random.doubles(10).toArray(), random.doubles(10).toArray()};
        assertThat(FrechetDistance.of(few, few)).isCloseTo(0, within(1e-6));
    }

    @Test
    void principalFeaturesKeepDistancesOfTheirImages() {
        ImageSet images = new SyntheticShapes(4, 4).draw(60, 1);
        PrincipalFeatures features = PrincipalFeatures.of(images);
        double[][] points = features.describe(images).features();
        assertThat(points).hasDimensions(60, 16);
        double squared = 0;
        double wanted = 0;
        for (int i = 0; i < 16; i++) {
            squared += Math.pow(points[0][i] - points[1][i], 2);
            wanted += Math.pow(((images.image(0)[i] & 0xFF) - (images.image(1)[i] & 0xFF)) / 255.0, 2);
        }
        assertThat(squared).isCloseTo(wanted, within(1e-6));
    }
}
