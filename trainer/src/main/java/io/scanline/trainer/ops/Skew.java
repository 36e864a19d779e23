package io.scanline.trainer.ops;

/**
 * The skewing of van den Oord, Kalchbrenner and Kavukcuoglu 2016 (section 3.2, figure 3): every row is shifted by one
 * column against the one above it, so that diagonals become columns.
 *
 * @param rows H
 * @param columns W
 */
record Skew(int rows, int columns) {
    /** Number of diagonals, W + H - 1. */
    int diagonals() {
        return columns + rows - 1;
    }

    /** (B, H, W, C) to (B, H, W + H - 1, C), with zeros where there is no position. */
    <T> T apply(Shapes<T> shapes, T image) {
        // In memory a row that is one shorter starts one earlier: cutting the rows anew shifts them.
        T wide = shapes.pad(image, 2, 0, rows);
        T flat = shapes.reshape(wide, 0, (long) rows * (columns + rows), -1);
        return shapes.reshape(shapes.slice(flat, 1, 0, rows * diagonals()), 0, rows, diagonals(), -1);
    }

    /** The inverse: (B, H, W + H - 1, C) to (B, H, W, C). */
    <T> T undo(Shapes<T> shapes, T skewed) {
        T flat = shapes.reshape(skewed, 0, (long) rows * diagonals(), -1);
        T wide = shapes.reshape(shapes.pad(flat, 1, 0, rows), 0, rows, columns + rows, -1);
        return shapes.slice(wide, 2, 0, columns);
    }
}
