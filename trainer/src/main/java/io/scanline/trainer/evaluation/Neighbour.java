package io.scanline.trainer.evaluation;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A pixel that a count table may look at: one that comes before the predicted pixel in raster order.
 *
 * @param rows rows down from the predicted pixel; 0 or negative
 * @param columns columns to the right of the predicted pixel; negative in its own row
 */
public record Neighbour(int rows, int columns) {
    /** To the left. */
    public static final Neighbour W = new Neighbour(0, -1);
    /** Above. */
    public static final Neighbour N = new Neighbour(-1, 0);
    /** Above to the left. */
    public static final Neighbour NW = new Neighbour(-1, -1);
    /** Above to the right. */
    public static final Neighbour NE = new Neighbour(-1, 1);

    /** By Euclidean distance; of equally near ones the lower row first, then the middle, then the left. */
    private static final Comparator<Neighbour> NEAREST_FIRST = Comparator.comparingInt(Neighbour::squaredDistance)
            .thenComparing(Comparator.comparingInt(Neighbour::rows).reversed())
            .thenComparingInt(neighbour -> Math.abs(neighbour.columns))
            .thenComparingInt(Neighbour::columns);

    /** Checks that the pixel comes before the predicted one. */
    public Neighbour {
        if (rows > 0 || rows == 0 && columns >= 0) {
            throw new IllegalArgumentException(
                    "the pixel " + rows + " rows down and " + columns + " columns to the right is not decided yet");
        }
    }

    /** The nearest ones: W, N, NW, NE, WW, NN and so on. */
    public static List<Neighbour> nearest(int count) {
        // A square of this edge on the rows above alone holds enough.
        int reach = (int) Math.ceil(Math.sqrt(count)) + 1;
        return IntStream.rangeClosed(-reach, 0)
                .boxed()
                .flatMap(row -> IntStream.rangeClosed(-reach, row == 0 ? -1 : reach)
                        .mapToObj(column -> new Neighbour(row, column)))
                .sorted(NEAREST_FIRST)
                .limit(count)
                .toList();
    }

    /** Steps of the compass to it, e.g. "W" or "NNE". */
    public String name() {
        return "N".repeat(-rows) + (columns < 0 ? "W" : "E").repeat(Math.abs(columns));
    }

    private int squaredDistance() {
        return rows * rows + columns * columns;
    }
}
