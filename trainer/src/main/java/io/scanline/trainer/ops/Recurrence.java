package io.scanline.trainer.ops;

import io.scanline.bundle.v1.Offset;
import java.util.List;

/**
 * A recurrence over the positions of images: every position hands vectors on to later ones. Zeros beget zeros: where
 * the input and all that is read are zero, so is what is handed on. Hence nothing comes in from outside the image.
 */
public interface Recurrence {
    /** In which order the positions of an image are computed. */
    enum Sweep {
        /** Row by row from the top, a row at a time. A position reads positions of the row above. */
        DOWN {
            @Override
            int index(Offset offset) {
                return offset.getColumns();
            }

            @Override
            int lines(Offset offset) {
                return offset.getRows();
            }
        },
        /**
         * Diagonal by diagonal from the upper left, a diagonal at a time. A position reads its left and upper
         * neighbour.
         */
        TO_THE_RIGHT {
            @Override
            int index(Offset offset) {
                return offset.getRows();
            }

            @Override
            int lines(Offset offset) {
                return offset.getRows() + offset.getColumns();
            }
        },
        /**
         * The mirror image of {@link #TO_THE_RIGHT}: from the upper right, reading the right and upper neighbour. Since
         * no value may see those to its right, a position is given what was computed for the one above it.
         */
        TO_THE_LEFT {
            @Override
            int index(Offset offset) {
                return offset.getRows();
            }

            @Override
            int lines(Offset offset) {
                return offset.getRows() - offset.getColumns();
            }
        };

        abstract int index(Offset offset);

        abstract int lines(Offset offset);

        /**
         * Where a position finds a neighbour in the line that was computed before its own: a row by column, a diagonal
         * by row.
         *
         * @return the neighbour's index in its line, relative to that of the position
         * @throws IllegalArgumentException when the neighbour does not lie in that line
         */
        final int shift(Offset offset) {
            if (lines(offset) != -1) {
                throw new IllegalArgumentException("a sweep " + this + " cannot read " + offset.getRows() + " rows and "
                        + offset.getColumns() + " columns away");
            }
            return index(offset);
        }
    }

    /**
     * A vector that every position hands on.
     *
     * @param width h of it
     * @param offsets of the positions whose vectors a position reads
     */
    record Carried(int width, List<Offset> offsets) {}

    /** The order of computation. */
    Sweep sweep();

    /** Columns of the image. */
    int columns();

    /** Width C of what it is given for every position. */
    int inputs();

    /** What positions hand on; the first of them is the result. */
    List<Carried> carried();

    /** What positions need beside that which is handed to them, for all of them at once: (B, n, C) to (B, n, D). */
    <T> T input(Ops<T> ops, T x);

    /**
     * One line of positions.
     *
     * @param input (B, n, D)
     * @param read for every carried vector those of its offsets side by side, (B, n, R h)
     * @return what these positions hand on, each (B, n, h)
     */
    <T> List<T> step(Ops<T> ops, T input, List<T> read);
}
