package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ColumnMatrixTest {
    private static final int ROWS = 75;
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
    void elementsAreWithinHalfAStepOfTheirColumn() {
        float[] values = random(ROWS * COLUMNS);
        ColumnMatrix matrix = ColumnMatrix.of(values, ROWS, COLUMNS);
        assertThat(matrix.scales()).hasSize(COLUMNS);
        assertThat(matrix.numbers()).hasSize(ROWS * COLUMNS);
        for (int i = 0; i < values.length; i++) {
            assertThat(matrix.value(i / COLUMNS, i % COLUMNS))
                    .isCloseTo(values[i], within(0.5001 * matrix.scales()[i % COLUMNS]));
        }
    }

    @Test
    void largestOfAColumnIsKeptWhateverItsSign() {
        float[] values = new float[2 * ROWS];
        values[6] = -0.7f;
        values[41] = 12.5f;
        ColumnMatrix matrix = ColumnMatrix.of(values, ROWS, 2);
        assertThat(matrix.value(3, 0)).isCloseTo(-0.7, within(1e-6));
        assertThat(matrix.value(20, 1)).isCloseTo(12.5, within(1e-5));
        assertThat(matrix.value(70, 0)).isZero();
    }

    @Test
    void twoProductsWithTheLargestBytesFitIntoSixteenBits() {
        for (byte number : ColumnMatrix.of(random(ROWS * COLUMNS), ROWS, COLUMNS).numbers()) {
            assertThat(2 * 255 * Math.abs(number)).isLessThanOrEqualTo(Short.MAX_VALUE);
        }
    }

    @Test
    void productIsNearThatOfTheNumbersThemselves() {
        float[] values = random(ROWS * COLUMNS);
        double[] x = new double[ROWS];
        for (int k = 0; k < ROWS; k++) {
            x[k] = Math.sin(k);
        }
        double[] found = ColumnMatrix.of(values, ROWS, COLUMNS).times(x);
        for (int n = 0; n < COLUMNS; n++) {
            double exact = 0;
            for (int k = 0; k < ROWS; k++) {
                exact += x[k] * values[k * COLUMNS + n];
            }
            assertThat(found[n]).isCloseTo(exact, within(0.3)).isNotEqualTo(exact);
        }
    }

    @Test
    void columnOfZerosStaysOne() {
        ColumnMatrix matrix = ColumnMatrix.of(new float[ROWS], ROWS, 1);
        assertThat(matrix.times(new double[ROWS])).containsOnly(0);
        assertThat(matrix.value(0, 0)).isZero();
    }
}
