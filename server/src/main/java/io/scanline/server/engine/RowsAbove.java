package io.scanline.server.engine;

/** What a row graph is shown of an image of one channel: the values of the rows above. */
final class RowsAbove {
    private final int rows;
    private final int width;
    private final int levels;

    /**
     * Sizes.
     *
     * @param rows how many rows, A; 0 for a model that is shown none
     * @param width columns of the image, W
     * @param levels levels of a value; also what is shown outside the image
     */
    RowsAbove(int rows, int width, int levels) {
        this.rows = rows;
        this.width = width;
        this.levels = levels;
    }

    /** Values shown of one image, A * W. */
    int size() {
        return rows * width;
    }

    /**
     * Writes the values above a row, the topmost row first.
     *
     * @param values the image so far, in generation order; only values above the row are read
     */
    void gather(byte[] values, int row, long[] shown, int at) {
        for (int above = 0; above < rows; above++) {
            int first = (row - rows + above) * width;
            for (int column = 0; column < width; column++) {
                shown[at + above * width + column] = first < 0 ? levels : values[first + column] & 0xFF;
            }
        }
    }
}
