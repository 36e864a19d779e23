package io.scanline.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scanline.trainer.ops.Libtorch;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LinearProbeTest {
    private static final int ROWS = 300;
    private static final int CLASSES = 3;
    private static final int WIDTH = 3;

    private static final float[] POINTS = new float[ROWS * WIDTH];
    private static final int[] LABELS = new int[ROWS];

    /** Around the corners of a triangle that overlap; the last number is always the same. */
    @BeforeAll
    static void draw() {
        Libtorch.load();
        Random random = new Random(1);
        for (int n = 0; n < ROWS; n++) {
            LABELS[n] = n % CLASSES;
            POINTS[n * WIDTH] = (float) (50 + 10 * (LABELS[n] == 1 ? 2 : 0) + 10 * random.nextGaussian());
            POINTS[n * WIDTH + 1] = (float) ((LABELS[n] == 2 ? 0.3 : 0) + 0.1 * random.nextGaussian());
            POINTS[n * WIDTH + 2] = 7;
        }
    }

    /** At the minimum of a convex function the gradient is 0: mean of (p - y) x plus penalty W, and mean of p - y. */
    @Test
    void gradientIsZeroWhereItEnds() {
        double penalty = 0.01;
        LinearProbe probe = LinearProbe.fit(POINTS, LABELS, CLASSES, penalty);
        double[][] gradient = new double[WIDTH][CLASSES];
        double[] offset = new double[CLASSES];
        for (int n = 0; n < ROWS; n++) {
            double[] x = new double[WIDTH];
            double[] logits = new double[CLASSES];
            for (int i = 0; i < WIDTH; i++) {
                x[i] = (POINTS[n * WIDTH + i] - probe.mean()[i]) * probe.scale()[i];
            }
            double sum = 0;
            for (int c = 0; c < CLASSES; c++) {
                logits[c] = probe.bias()[c];
                for (int i = 0; i < WIDTH; i++) {
                    logits[c] += x[i] * probe.weight()[i * CLASSES + c];
                }
                sum += Math.exp(logits[c]);
            }
            for (int c = 0; c < CLASSES; c++) {
                double error = (Math.exp(logits[c]) / sum - (LABELS[n] == c ? 1 : 0)) / ROWS;
                offset[c] += error;
                for (int i = 0; i < WIDTH; i++) {
                    gradient[i][c] += error * x[i];
                }
            }
        }
        for (int c = 0; c < CLASSES; c++) {
            assertThat(Math.abs(offset[c])).isLessThan(1e-3);
            for (int i = 0; i < WIDTH; i++) {
                assertThat(Math.abs(gradient[i][c] + penalty * probe.weight()[i * CLASSES + c])).isLessThan(1e-3);
            }
        }
        assertThat(probe.scale()[2]).isZero(); // what never differs says nothing
    }

    @Test
    void classesThatAreApartAreTold() {
        float[] rows = new float[200];
        int[] labels = new int[100];
        Random random = new Random(2);
        for (int n = 0; n < 100; n++) {
            labels[n] = n % 2;
            rows[2 * n] = (float) (4 * labels[n] + 0.5 * random.nextGaussian());
            rows[2 * n + 1] = (float) random.nextGaussian();
        }
        assertThat(LinearProbe.fit(rows, labels, 2, 1e-3).classify(rows)).isEqualTo(labels);
    }

    @Test
    void overlappingClassesAreToldAsWellAsTheyCanBe() {
        int[] found = LinearProbe.fit(POINTS, LABELS, CLASSES, 1e-3).classify(POINTS);
        int right = 0;
        for (int n = 0; n < ROWS; n++) {
            right += found[n] == LABELS[n] ? 1 : 0;
        }
        assertThat(right).isBetween(230, 285);
    }

    @Test
    void oneClassIsRefused() {
        assertThatThrownBy(() -> LinearProbe.fit(POINTS, LABELS, 1, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
