package io.scanline.trainer.evaluation;

import io.scanline.trainer.data.ImageSet;

/**
 * How often each level came at each position of the training images, whatever is around it: p(level | position) =
 * (count(position, level) + alpha) / (images + alpha * levels). For small grids, where a place says much.
 */
public final class PositionTable {
    private final int levels;
    private final double alpha;
    private final int images;
    /** (positions, levels). */
    private final int[] counts;

    private PositionTable(ImageSet images, double alpha) {
        this.levels = images.levels();
        this.alpha = alpha;
        this.images = images.size();
        this.counts = new int[images.valuesPerImage() * levels];
    }

    /**
     * Counts the training images.
     *
     * @param alpha added to every count, above 0
     */
    public static PositionTable fit(ImageSet images, double alpha) {
        if (!(alpha > 0)) {
            throw new IllegalArgumentException("smoothing must be above 0, not " + alpha);
        }
        PositionTable table = new PositionTable(images, alpha);
        byte[] values = images.values();
        for (int i = 0; i < values.length; i++) {
            table.counts[table.index(i, values[i])]++;
        }
        return table;
    }

    /** Likelihood of other images of the same size and levels. */
    public Likelihood evaluate(ImageSet others) {
        if (others.levels() != levels || others.valuesPerImage() * levels != counts.length) {
            throw new IllegalArgumentException("the table is of " + counts.length / levels + " values of " + levels
                    + " levels, the images of " + others.valuesPerImage() + " of " + others.levels());
        }
        byte[] values = others.values();
        double nats = 0;
        for (int i = 0; i < values.length; i++) {
            nats -= Math.log((counts[index(i, values[i])] + alpha) / (images + alpha * levels));
        }
        return new Likelihood(nats, others.size(), others.valuesPerImage());
    }

    private int index(int value, byte level) {
        return value % (counts.length / levels) * levels + (level & 0xFF);
    }
}
