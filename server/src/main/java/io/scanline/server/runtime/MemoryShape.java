package io.scanline.server.runtime;

import java.util.List;

/**
 * Sizes of a memory: one vector a position, written by its step and read by later ones.
 *
 * @param width floats of a vector, C
 * @param reads what a step reads, R vectors; none: only the row graph reads it
 */
public record MemoryShape(int width, List<Read> reads) {
    /**
     * One vector that a step reads, by how many steps ago it was written. A neighbour in the image is so many steps
     * back too, but is read only where it lies in the image: a step back from the first column is in the row above.
     *
     * @param lag steps back
     * @param columns pixels to the right, negative to the left; 0 for what is read in generation order
     */
    public record Read(int lag, int columns) {
        /** Reads what was written so many steps ago. */
        public static Read stepsBack(int lag) {
            return new Read(lag, 0);
        }

        /** Reads a neighbour, in the same channel. */
        public static Read neighbour(int rows, int columns, Raster raster) {
            return new Read(-(rows * raster.columns() + columns) * raster.channels(), columns);
        }

        /** Whether some position of an image has this neighbour. */
        private boolean everExists(Raster raster) {
            return Math.abs(columns) < raster.columns();
        }

        /** Whether a position has it: zeros are read where it has not. */
        boolean exists(int position, Raster raster) {
            return exists(position, raster.column(position), raster);
        }

        /** @param ownColumn the position's */
        boolean exists(int position, int ownColumn, Raster raster) {
            int column = ownColumn + columns;
            // Above the first row is before the first position: inside its columns that is the same.
            return column >= 0 && column < raster.columns() && lag <= position;
        }

        /** Whether another read is about the pixel to the right of this one's, which was written a step later. */
        boolean isLeftOf(Read other) {
            return other.lag == lag - 1 && other.columns == columns + 1;
        }
    }

    /**
     * Vectors that must be kept of a slot: as many as the farthest read lies back.
     *
     * @param wholeRow whether a whole row above is read too
     */
    int kept(Raster raster, boolean wholeRow) {
        int farthest = reads.stream()
                .filter(read -> read.everExists(raster))
                .mapToInt(Read::lag)
                .max()
                .orElse(1);
        return wholeRow ? Math.max(farthest, raster.columns() * raster.channels()) : farthest;
    }
}
