package io.scanline.server.engine;

/**
 * Which rows of a batch are of one image. An image that is guided takes two: the first is computed given its text and
 * decides, the second given the empty text. They run, rest and leave together, but need not be neighbours.
 */
final class RowPairs {
    private final int[] other; // by row: where the image's other row is; the row itself where there is none
    private final boolean[] second; // by row

    RowPairs(int rows) {
        this.other = new int[rows];
        this.second = new boolean[rows];
    }

    /** A row is all of an image. */
    void single(int row) {
        other[row] = row;
        second[row] = false;
    }

    /** Two rows are of one image. */
    void pair(int first, int follower) {
        other[first] = follower;
        other[follower] = first;
        second[first] = false;
        second[follower] = true;
    }

    /** A row is somewhere else from now on. */
    void move(int from, int to) {
        int mate = other[from];
        second[to] = second[from];
        if (mate == from) {
            other[to] = to;
        } else {
            other[to] = mate;
            other[mate] = to;
        }
    }

    /** Where the image's other row is; the row itself where there is none. */
    int other(int row) {
        return other[row];
    }

    /** Whether it is the second row of an image, for which nothing is decided. */
    boolean isSecond(int row) {
        return second[row];
    }
}
