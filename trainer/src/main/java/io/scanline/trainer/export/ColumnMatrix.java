package io.scanline.trainer.export;

/**
 * A matrix (K, N) of whole numbers of 8 bits, with a scale for every column: element [k, n] is about numbers[k, n] scales[n]. It
 * is stored as com.microsoft.MatMulIntegerToFloat takes it.
 *
 * @param rows K
 * @param columns N
 * @param numbers with sign, (K, N)
 * @param scales (N)
 */
record ColumnMatrix(int rows, int columns, byte[] numbers, float[] scales) {
    /**
     * The largest number of a column. Processors without VNNI add products of bytes in pairs, in 16 bits and not beyond 32,767:
     * 2 x 255 x 64 = 32,640 is below that, so that they compute the very same sums.
     */
    static final int LARGEST = 64;

    /** The nearest such matrix in which the largest number of every column is {@link #LARGEST}. */
    static ColumnMatrix of(float[] values, int rows, int columns) {
        byte[] numbers = new byte[rows * columns];
        float[] scales = new float[columns];
        for (int n = 0; n < columns; n++) {
            float largest = 0;
            for (int k = 0; k < rows; k++) {
                largest = Math.max(largest, Math.abs(values[k * columns + n]));
            }
            scales[n] = largest == 0 ? 1 : largest / LARGEST;
            for (int k = 0; k < rows; k++) {
                numbers[k * columns + n] = (byte) Math.rint(values[k * columns + n] / scales[n]);
            }
        }
        return new ColumnMatrix(rows, columns, numbers, scales);
    }

    /** What element [row, column] is stored as. */
    double value(int row, int column) {
        return numbers[row * columns + column] * (double) scales[column];
    }

    /** x (K) times this matrix, (N). */
    double[] times(double... x) {
        double[] product = new double[columns];
        for (int k = 0; k < rows; k++) {
            for (int n = 0; n < columns; n++) {
                product[n] += x[k] * value(k, n);
            }
        }
        return product;
    }
}
