package io.scanline.trainer.evaluation;

/** A pixel that a count table may look at: one that comes before the predicted pixel in raster order and touches it. */
public enum Neighbour {
    /** To the left. */
    W(0, -1),
    /** Above. */
    N(-1, 0),
    /** Above to the left. */
    NW(-1, -1),
    /** Above to the right. */
    NE(-1, 1);

    private final int rows;
    private final int columns;

    Neighbour(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
    }

    /** Rows down from the predicted pixel; 0 or negative. */
    public int rows() {
        return rows;
    }

    /** Columns to the right of the predicted pixel. */
    public int columns() {
        return columns;
    }
}
