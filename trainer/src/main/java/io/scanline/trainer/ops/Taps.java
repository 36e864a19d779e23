package io.scanline.trainer.ops;

import io.scanline.bundle.v1.Offset;
import java.util.ArrayList;
import java.util.List;

/** The positions that a convolution reads, in the order of its weights: some others, then perhaps the own one. */
public sealed interface Taps {
    /** Rows and columns that a bundle can describe between a position and a neighbour. */
    int FARTHEST = 64;

    /** Whether the own position is read too, after the others. */
    boolean own();

    /** Number of other positions. */
    int others();

    /** Number R of positions that are read. */
    default int count() {
        return others() + (own() ? 1 : 0);
    }

    /**
     * Positions some steps back in generation order; zero before the image.
     *
     * @param lags steps back, each at least 1
     */
    record Lags(List<Integer> lags, boolean own) implements Taps {
        /** Checks that every lag lies before. */
        public Lags {
            lags = List.copyOf(lags);
            if (lags.stream().anyMatch(lag -> lag < 1)) {
                throw new IllegalArgumentException("lags " + lags + " do not all lie before");
            }
        }

        @Override
        public int others() {
            return lags.size();
        }

        /** The largest lag; 0: none. */
        public int longest() {
            return lags.stream().mapToInt(Integer::intValue).max().orElse(0);
        }
    }

    /**
     * Neighbours in the image, none of them below; zero outside of it.
     *
     * @param width columns of the image
     * @param offsets of the neighbours, all but the own position
     */
    record Neighbours(int width, List<Offset> offsets, boolean own) implements Taps {
        /** Checks that no neighbour lies below. */
        public Neighbours {
            offsets = List.copyOf(offsets);
            if (offsets.stream().anyMatch(offset -> offset.getRows() > 0)) {
                throw new IllegalArgumentException("a neighbour lies below");
            }
            if (offsets.contains(Offset.getDefaultInstance())) {
                throw new IllegalArgumentException("the own position is none of its neighbours");
            }
        }

        @Override
        public int others() {
            return offsets.size();
        }

        /** Whether all neighbours come before the own position in generation order. */
        public boolean causal() {
            return offsets.stream().allMatch(offset -> offset.getRows() < 0 || offset.getColumns() < 0);
        }

        /** Whether they are listed row by row, each from left to right. */
        public boolean inOrder() {
            for (int i = 1; i < offsets.size(); i++) {
                Offset before = offsets.get(i - 1);
                Offset after = offsets.get(i);
                if (before.getRows() > after.getRows()
                        || before.getRows() == after.getRows() && before.getColumns() >= after.getColumns()) {
                    return false;
                }
            }
            return true;
        }

        /** How many rows up the farthest neighbour is. */
        public int above() {
            return -offsets.stream().mapToInt(Offset::getRows).min().orElse(0);
        }

        /** How many columns to the left the farthest neighbour is. */
        public int left() {
            return Math.max(0, -offsets.stream().mapToInt(Offset::getColumns).min().orElse(0));
        }

        /** How many columns to the right the farthest neighbour is. */
        public int right() {
            return Math.max(0, offsets.stream().mapToInt(Offset::getColumns).max().orElse(0));
        }

        /** The neighbours and, if it is read, the own position. */
        public List<Offset> all() {
            List<Offset> all = new ArrayList<>(offsets);
            if (own) {
                all.add(Offset.getDefaultInstance());
            }
            return all;
        }
    }

    /** All neighbours within some rows up and columns to either side that come before, row by row. */
    static List<Offset> before(int rows, int columns) {
        List<Offset> offsets = new ArrayList<>(above(rows, columns));
        for (int column = -columns; column < 0; column++) {
            offsets.add(offset(0, column));
        }
        return offsets;
    }

    /** All neighbours within some rows up and columns to either side, the own row left out, row by row. */
    static List<Offset> above(int rows, int columns) {
        List<Offset> offsets = new ArrayList<>();
        for (int row = -rows; row < 0; row++) {
            for (int column = -columns; column <= columns; column++) {
                offsets.add(offset(row, column));
            }
        }
        return offsets;
    }

    /** An offset. */
    static Offset offset(int rows, int columns) {
        return Offset.newBuilder().setRows(rows).setColumns(columns).build();
    }
}
