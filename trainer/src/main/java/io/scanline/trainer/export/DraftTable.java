package io.scanline.trainer.export;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Draft;
import io.scanline.bundle.v1.Offset;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.CountTable;
import io.scanline.trainer.evaluation.Neighbour;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** The count table by which a server guesses values: written into a bundle, next to the model that it guesses for. */
final class DraftTable {
    private static final String FILE = "draft.gz";
    /** More neighbours than these are hardly ever better, for images that a model draws. */
    private static final int MOST_NEIGHBOURS = 16;
    /** Entries of the largest table, two bytes each before they are packed. */
    private static final int MOST_ENTRIES = 1 << 17;
    private static final int ONE = 65535;
    /** Probabilities are rounded to so many steps, finely enough for guesses, so that tables pack well. */
    private static final int STEPS = 255;
    /** How many times fewer neighbours are thought to have been seen with more of them. */
    private static final double SMOOTHING = 4;

    private DraftTable() {}

    /**
     * Counts the training images and writes the table into the directory of a bundle.
     *
     * @param bundle of a model with autoregression that draws the values of images
     * @param training its training images, with its levels
     * @return the bundle with its draft; as it is when a table of one neighbour would be too large
     */
    static Bundle addTo(Bundle bundle, ImageSet training, Path directory) throws IOException {
        int neighbours = neighbours(training.levels());
        if (neighbours == 0) {
            return bundle;
        }
        Files.write(directory.resolve(FILE), packed(new Blend(training, neighbours), training.levels(), neighbours));
        Draft.Builder draft = Draft.newBuilder().setFile(FILE);
        for (Neighbour neighbour : Neighbour.nearest(neighbours)) {
            draft.addNeighbours(Offset.newBuilder().setRows(neighbour.rows()).setColumns(neighbour.columns()));
        }
        return bundle.toBuilder().setDraft(draft).build();
    }

    private static int neighbours(int levels) {
        int neighbours = 0;
        while (neighbours < MOST_NEIGHBOURS && Math.pow(levels, neighbours + 2) <= MOST_ENTRIES) {
            neighbours++;
        }
        return neighbours;
    }

    /** Tables of more and more of the nearest neighbours, each smoothed towards the one before it. */
    private static final class Blend {
        private final List<CountTable> tables = new ArrayList<>();
        private final List<Integer> sizes;
        private final int levels;

        Blend(ImageSet training, int neighbours) {
            levels = training.levels();
            sizes = IntStream.concat(IntStream.of(0, 2, 3, 4, 10), IntStream.of(neighbours))
                    .filter(size -> size <= neighbours)
                    .distinct()
                    .boxed()
                    .toList();
            for (int size : sizes) {
                tables.add(CountTable.fit(training, Neighbour.nearest(size), CountTable.DEFAULT_ALPHA));
            }
        }

        double probability(int[] neighbours, int level) {
            double probability = 1.0 / levels;
            for (int i = 0; i < tables.size(); i++) {
                int[] nearest = Arrays.copyOf(neighbours, sizes.get(i));
                probability = tables.get(i).probability(nearest, level, probability, SMOOTHING);
            }
            return probability;
        }
    }

    /** The best packing, without a time of day: the same table is the same bytes. */
    private static byte[] packed(Blend table, int levels, int neighbours) throws IOException {
        int contexts = (int) Math.pow(levels, neighbours);
        ByteBuffer row = ByteBuffer.allocate(levels * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream packing = new BestPacking(bytes)) {
            int[] values = new int[neighbours];
            for (int context = 0; context < contexts; context++) {
                for (int k = neighbours - 1, rest = context; k >= 0; k--, rest /= levels) {
                    values[k] = rest % levels;
                }
                for (int level = 0; level < levels; level++) {
                    long steps = Math.round(STEPS * table.probability(values, level));
                    row.putShort(level * Short.BYTES, (short) (steps * ONE / STEPS));
                }
                packing.write(row.array());
            }
        }
        return bytes.toByteArray();
    }

    private static final class BestPacking extends GZIPOutputStream {
        BestPacking(OutputStream out) throws IOException {
            super(out);
            def.setLevel(Deflater.BEST_COMPRESSION);
        }
    }
}
