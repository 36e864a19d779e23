package io.scanline.trainer.evaluation;

import io.scanline.trainer.data.ImageSet;
import java.util.List;

/**
 * The simplest autoregressive model: how often each level followed each combination of neighbouring levels in the
 * training images. Its likelihood of test images is the floor that every learned model must beat: one that does not
 * has learned nothing that counting does not give.
 *
 * <p>p(level | neighbours) = (count(neighbours, level) + alpha) / (count(neighbours) + alpha * levels). Outside the
 * image a neighbour counts as level 0. Channels are counted together, each with neighbours of its own channel.
 */
public final class CountTable {
    /** Smoothing of the published floors. */
    public static final double DEFAULT_ALPHA = 0.4;
    /** Largest table, in counts: 512 MiB. */
    private static final long MAX_COUNTS = 1L << 27;

    private final List<Neighbour> template;
    private final int levels;
    private final double alpha;
    /** (levels^K, levels), K neighbours; the first neighbour of the template is the slowest. */
    private final int[] counts;

    private CountTable(List<Neighbour> template, int levels, double alpha, int[] counts) {
        this.template = template;
        this.levels = levels;
        this.alpha = alpha;
        this.counts = counts;
    }

    /**
     * Counts the training images.
     *
     * @param images quantised to few levels: the table holds levels^(neighbours + 1) counts
     * @param template the neighbours looked at; none gives one histogram of all values
     * @param alpha added to every count, above 0
     * @throws IllegalArgumentException when the table would have more than 2^27 counts
     */
    public static CountTable fit(ImageSet images, List<Neighbour> template, double alpha) {
        if (!(alpha > 0)) {
            throw new IllegalArgumentException("smoothing must be above 0, not " + alpha);
        }
        if (!fits(images.levels(), template.size())) {
            throw new IllegalArgumentException("a table of " + images.levels() + " levels and " + template.size()
                    + " neighbours is too large: quantise to fewer levels");
        }
        int size = (int) Math.pow(images.levels(), template.size() + 1);
        CountTable table = new CountTable(List.copyOf(template), images.levels(), alpha, new int[size]);
        table.visit(images, (context, level) -> table.counts[context * table.levels + level]++);
        return table;
    }

    /** Whether a table of so many levels and neighbours can be held. */
    static boolean fits(int levels, int neighbours) {
        return Math.pow(levels, neighbours + 1) <= MAX_COUNTS;
    }

    /** Probability of a level after these neighbours, which are in the order of the template. */
    public double probability(int[] neighbours, int level) {
        return probability(neighbours, level, 1.0 / levels, alpha * levels);
    }

    /**
     * The same with another smoothing: as if the neighbours had been seen {@code weight} times more, followed by the level
     * in the share {@code prior} of them.
     */
    public double probability(int[] neighbours, int level, double prior, double weight) {
        if (neighbours.length != template.size()) {
            throw new IllegalArgumentException("want " + template.size() + " neighbours, not " + neighbours.length);
        }
        int context = 0;
        for (int neighbour : neighbours) {
            context = context * levels + neighbour;
        }
        return (counts[context * levels + level] + weight * prior) / (total(context) + weight);
    }

    /** Likelihood of other images of as many levels. */
    public Likelihood evaluate(ImageSet images) {
        if (images.levels() != levels) {
            throw new IllegalArgumentException(
                    "the table has " + levels + " levels, the images " + images.levels());
        }
        // ln p = ln(count + alpha) - ln(total + alpha * levels); the second term is summed once per context.
        double[] logTotals = new double[counts.length / levels];
        for (int context = 0; context < logTotals.length; context++) {
            logTotals[context] = Math.log(total(context) + alpha * levels);
        }
        double[] nats = new double[1];
        visit(images, (context, level) ->
                nats[0] += logTotals[context] - Math.log(counts[context * levels + level] + alpha));
        return new Likelihood(nats[0], images.size(), images.valuesPerImage());
    }

    private long total(int context) {
        long total = 0;
        for (int level = 0; level < levels; level++) {
            total += counts[context * levels + level];
        }
        return total;
    }

    /** Told of every value. */
    @FunctionalInterface
    private interface Visitor {
        void value(int context, int level);
    }

    private void visit(ImageSet images, Visitor visitor) {
        byte[] values = images.values();
        int length = images.valuesPerImage();
        int[] places = places(images);
        int neighbours = template.size();
        for (int start = 0; start < values.length; start += length) {
            for (int i = 0; i < length; i++) {
                int context = 0;
                for (int k = i * neighbours; k < (i + 1) * neighbours; k++) {
                    context = context * levels + (places[k] < 0 ? 0 : values[start + places[k]] & 0xFF);
                }
                visitor.value(context, values[start + i] & 0xFF);
            }
        }
    }

    /** Index within the image of every neighbour of every value, (values, K); -1 outside. */
    private int[] places(ImageSet images) {
        int width = images.width();
        int channels = images.channels();
        int[] places = new int[images.valuesPerImage() * template.size()];
        int next = 0;
        for (int i = 0; i < images.valuesPerImage(); i++) {
            int row = i / channels / width;
            int column = i / channels % width;
            for (Neighbour neighbour : template) {
                int y = row + neighbour.rows();
                int x = column + neighbour.columns();
                boolean outside = y < 0 || x < 0 || x >= width;
                places[next++] = outside ? -1 : (y * width + x) * channels + i % channels;
            }
        }
        return places;
    }
}
