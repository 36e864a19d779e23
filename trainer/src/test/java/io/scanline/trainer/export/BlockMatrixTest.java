package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BlockMatrixTest {
    private static final int ROWS = 75; // two blocks and a part of one
    private static final int COLUMNS = 5;

    private static float[] random(int count) {
        Random random = new Random(count);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @Test
    void elementsAreWithinHalfAStepOfTheirBlock() {
        float[] values = random(ROWS * COLUMNS);
        BlockMatrix matrix = BlockMatrix.of(values, ROWS, COLUMNS);
        assertThat(matrix.scales()).hasSize(COLUMNS * 3);
        assertThat(matrix.numbers()).hasSize(COLUMNS * 3 * 32);
        for (int i = 0; i < values.length; i++) {
            int block = i / COLUMNS / BlockMatrix.BLOCK;
            float step = matrix.scales()[i % COLUMNS * 3 + block];
            assertThat(matrix.value(i / COLUMNS, i % COLUMNS)).isCloseTo(values[i], within(0.5001 * step));
        }
    }

    @Test
    void largestOfABlockIsKept() {
        float[] values = new float[ROWS];
        values[3] = -0.7f;
        values[40] = 12.5f;
        BlockMatrix matrix = BlockMatrix.of(values, ROWS, 1);
        assertThat(matrix.value(3, 0)).isCloseTo(-0.7, within(1e-6));
        assertThat(matrix.value(40, 0)).isCloseTo(12.5, within(1e-5));
        assertThat(matrix.value(70, 0)).isZero();
    }

    @Test
    void productIsNearThatOfTheNumbersThemselves() {
        float[] values = random(ROWS * COLUMNS);
        float[] x = random(2 * ROWS);
        BlockMatrix matrix = BlockMatrix.of(values, ROWS, COLUMNS);
        double[] found = matrix.times(x, ROWS);
        for (int n = 0; n < COLUMNS; n++) {
            double exact = 0;
            for (int k = 0; k < ROWS; k++) {
                exact += x[ROWS + k] * values[k * COLUMNS + n];
            }
            assertThat(found[n]).isCloseTo(exact, within(0.2)).isNotEqualTo(exact);
        }
    }

    @Test
    void zerosTimesAnythingAreZeros() {
        BlockMatrix matrix = BlockMatrix.of(random(ROWS * COLUMNS), ROWS, COLUMNS);
        assertThat(matrix.times(new float[ROWS], 0)).containsOnly(0);
    }
}
