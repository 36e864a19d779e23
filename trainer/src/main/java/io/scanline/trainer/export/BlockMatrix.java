package io.scanline.trainer.export;

import java.util.Arrays;

/**
 * A matrix (K, N) of whole numbers of 8 bits, with a scale for every {@link #BLOCK} numbers of a column: element [k, n] is about
 * (numbers - 128) scale. It is stored as com.microsoft.MatMulNBits takes it, column by column.
 *
 * @param rows K
 * @param columns N
 * @param numbers without sign, (N, blocks, {@link #BLOCK})
 * @param scales (N, blocks)
 */
record BlockMatrix(int rows, int columns, byte[] numbers, float[] scales) {
    /** Numbers that share a scale. With larger blocks a row was not the same in a batch of one as in others. */
    static final int BLOCK = 32;

    static final int BITS = 8;
    private static final int ZERO = 128;
    private static final int LARGEST = 127;

    /** The nearest such matrix, whose largest number of every block is 127 away from 128. */
    static BlockMatrix of(float[] values, int rows, int columns) {
        int blocks = blocks(rows);
        byte[] numbers = new byte[columns * blocks * BLOCK];
        Arrays.fill(numbers, (byte) ZERO); // what fills up the last block
        float[] scales = new float[columns * blocks];
        for (int n = 0; n < columns; n++) {
            for (int block = 0; block < blocks; block++) {
                int end = Math.min(rows, (block + 1) * BLOCK);
                float largest = 0;
                for (int k = block * BLOCK; k < end; k++) {
                    largest = Math.max(largest, Math.abs(values[k * columns + n]));
                }
                float scale = largest == 0 ? 1 : largest / LARGEST;
                scales[n * blocks + block] = scale;
                for (int k = block * BLOCK; k < end; k++) {
                    numbers[n * blocks * BLOCK + k] = (byte) (ZERO + Math.rint(values[k * columns + n] / scale));
                }
            }
        }
        return new BlockMatrix(rows, columns, numbers, scales);
    }

    private static int blocks(int rows) {
        return (rows + BLOCK - 1) / BLOCK;
    }

    /** Blocks of a column. */
    int blocks() {
        return blocks(rows);
    }

    /** What element [row, column] is stored as. */
    double value(int row, int column) {
        int number = numbers[column * blocks() * BLOCK + row] & 0xFF;
        return (number - ZERO) * (double) scales[column * blocks() + row / BLOCK];
    }

    /**
     * x times this matrix with x in whole numbers of 8 bits as well, a scale for every block of it:
     *
     * <pre>  y[n] = sum_b s[b] t[b, n] sum_(k in b) round(x[k] / s[b]) w[k, n],  s[b] = max_(k in b) |x[k]| / 127</pre>
     */
    double[] times(float[] x, int offset) {
        double[] product = new double[columns];
        for (int k = 0; k < rows; k++) {
            double scale = scale(x, offset, k / BLOCK);
            double rounded = scale == 0 ? 0 : Math.rint(x[offset + k] / scale) * scale;
            for (int n = 0; n < columns && rounded != 0; n++) {
                product[n] += rounded * value(k, n);
            }
        }
        return product;
    }

    /** What a step of the numbers of a block of x stands for. */
    double scale(float[] x, int offset, int block) {
        double largest = 0;
        for (int k = block * BLOCK; k < Math.min(rows, (block + 1) * BLOCK); k++) {
            largest = Math.max(largest, Math.abs(x[offset + k]));
        }
        return largest / LARGEST;
    }
}
