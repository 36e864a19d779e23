package io.scanline.contract;

import io.scanline.bundle.v1.Autoregression;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.Offset;
import java.util.Arrays;
import java.util.List;

/**
 * What an autoregressive step is shown of the values decided before it: those at fixed offsets from the value that it
 * predicts. Outside the image it is shown {@code levels}, one past the last level.
 */
public final class CausalContext {
    private final int width;
    private final int channels;
    private final int levels;
    private final int[] rows;
    private final int[] columns;
    private final int[] steps; // how far each lies before the predicted value, in values
    // Where every offset lies inside the image.
    private final int firstRow;
    private final int firstColumn;
    private final int lastColumn;

    /**
     * The context that a bundle describes.
     *
     * @throws IllegalArgumentException when an offset does not lie before the predicted value
     */
    public CausalContext(ImageGeometry geometry, Autoregression autoregression) {
        this.width = geometry.getWidth();
        this.channels = geometry.getChannels();
        this.levels = geometry.getLevels();
        List<Offset> offsets = autoregression.getContextList();
        this.rows = offsets.stream().mapToInt(Offset::getRows).toArray();
        this.columns = offsets.stream().mapToInt(Offset::getColumns).toArray();
        this.steps = offsets.stream()
                .mapToInt(offset -> -(offset.getRows() * width + offset.getColumns()) * channels)
                .toArray();
        this.firstRow = farthest(rows);
        this.firstColumn = farthest(columns);
        this.lastColumn = width - 1 - Math.max(0, Arrays.stream(columns).max().orElse(0));
        for (Offset offset : offsets) {
            if (offset.getRows() > 0 || offset.getRows() == 0 && offset.getColumns() >= 0) {
                throw new IllegalArgumentException(
                        "context offset (" + offset.getRows() + ", " + offset.getColumns() + ") is not causal");
            }
        }
    }

    /** How far up, or to the left, the farthest offset lies. */
    private static int farthest(int[] offsets) {
        int least = Arrays.stream(offsets).min().orElse(0);
        return Math.max(0, -Math.max(least, -Integer.MAX_VALUE));
    }

    /** Number of values that a step is shown, K. */
    public int size() {
        return rows.length;
    }

    /**
     * Writes the K values shown to the step that predicts value {@code index}.
     *
     * @param values the image so far, one byte each in generation order; only values before {@code index} are read
     */
    public void gather(byte[] values, int index, long[] shown, int at) {
        int pixel = index / channels;
        int row = pixel / width;
        int column = pixel - row * width;
        if (row >= firstRow && column >= firstColumn && column <= lastColumn) {
            for (int k = 0; k < steps.length; k++) {
                shown[at + k] = values[index - steps[k]] & 0xFF;
            }
            return;
        }
        for (int k = 0; k < rows.length; k++) {
            int source = source(index, k);
            shown[at + k] = source < 0 ? levels : values[source] & 0xFF;
        }
    }

    /** Which value the step that predicts value {@code index} is shown as the k-th; -1 where it lies outside the image. */
    public int source(int index, int k) {
        int pixel = index / channels;
        int row = pixel / width + rows[k];
        int column = pixel % width + columns[k];
        boolean outside = row < 0 || column < 0 || column >= width;
        return outside ? -1 : (row * width + column) * channels + index % channels;
    }
}
