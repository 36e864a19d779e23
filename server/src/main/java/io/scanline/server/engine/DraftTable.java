package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Offset;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** The count table of a bundle: what followed the neighbours of a value in the training images. Of one thread. */
final class DraftTable {
    private static final int MAX_NEIGHBOURS = 20;
    private static final long MAX_BYTES = 64 << 20;
    /** Stands for a probability that was rounded to 0, which no logarithm can be taken of. */
    private static final double NEARLY_NEVER = 0.1;
    /** Logarithms of all entries that there can be. */
    private static final float[] LOGARITHMS = new float[1 << Short.SIZE];

    static {
        for (int entry = 0; entry < LOGARITHMS.length; entry++) {
            LOGARITHMS[entry] = (float) Math.log(Math.max(entry, NEARLY_NEVER));
        }
    }

    private final ValueGrid grid;
    private final int[] rows;
    private final int[] columns;
    private final short[] entries; // unsigned, [levels^n,levels]
    private final float[] logits; // [levels]

    private DraftTable(ValueGrid grid, List<Offset> neighbours, short[] entries) {
        this.grid = grid;
        this.rows = neighbours.stream().mapToInt(Offset::getRows).toArray();
        this.columns = neighbours.stream().mapToInt(Offset::getColumns).toArray();
        this.entries = entries;
        this.logits = new float[grid.levels()];
    }

    private DraftTable(DraftTable same) {
        this.grid = same.grid;
        this.rows = same.rows;
        this.columns = same.columns;
        this.entries = same.entries;
        this.logits = new float[grid.levels()];
    }

    /** Checks the description of a draft that there is. */
    static void check(Bundle bundle) throws EngineException {
        BundleDescription.require(bundle.hasAutoregression(), "there is a draft, but no autoregression to guess for");
        List<Offset> neighbours = bundle.getDraft().getNeighboursList();
        BundleDescription.requireRange("the length of draft.neighbours", neighbours.size(), 1, MAX_NEIGHBOURS);
        for (Offset neighbour : neighbours) {
            BundleDescription.checkOffset("draft neighbour", neighbour);
        }
        int levels = ValueGrid.drawn(bundle).levels();
        BundleDescription.require(
                bytes(levels, neighbours.size()) <= MAX_BYTES,
                "a draft of %d levels and %d neighbours has more than %d bytes", levels, neighbours.size(), MAX_BYTES);
    }

    private static double bytes(int levels, int neighbours) {
        return Short.BYTES * Math.pow(levels, neighbours + 1);
    }

    /**
     * Unpacks the table of a checked bundle that has one.
     *
     * @throws EngineException BUNDLE_DESCRIPTION_INVALID when it is no table of these sizes
     */
    static DraftTable read(VerifiedBundle verified) throws EngineException {
        Bundle bundle = verified.bundle();
        ValueGrid grid = ValueGrid.drawn(bundle);
        List<Offset> neighbours = bundle.getDraft().getNeighboursList();
        String path = bundle.getDraft().getFile();
        int size = (int) bytes(grid.levels(), neighbours.size());
        byte[] unpacked;
        try (GZIPInputStream packed = new GZIPInputStream(new ByteArrayInputStream(verified.files().get(path)))) {
            unpacked = packed.readNBytes(size + 1);
        } catch (IOException damaged) {
            throw EngineException.caused(
                    Reason.BUNDLE_DESCRIPTION_INVALID, path + " is no packed table: " + damaged.getMessage(), damaged);
        }
        if (unpacked.length != size) {
            throw EngineException.of(
                    Reason.BUNDLE_DESCRIPTION_INVALID, path + " does not unpack to the " + size + " bytes of the draft");
        }
        short[] entries = new short[size / Short.BYTES];
        ByteBuffer.wrap(unpacked).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(entries);
        return new DraftTable(grid, neighbours, entries);
    }

    /** The same table for another thread. */
    DraftTable another() {
        return new DraftTable(this);
    }

    /** Levels that it tells apart. */
    int levels() {
        return grid.levels();
    }

    /**
     * What it holds likely after the neighbours of a value.
     *
     * @param values the image so far, as it is guessed to be; only values before the index are read
     * @return logits by level, until the next call
     */
    float[] logits(byte[] values, int index) {
        int first = context(values, index) * grid.levels();
        for (int level = 0; level < logits.length; level++) {
            logits[level] = LOGARITHMS[entries[first + level] & 0xFFFF];
        }
        return logits;
    }

    private int context(byte[] values, int index) {
        int channel = index % grid.channels();
        int pixel = index / grid.channels();
        int row = pixel / grid.width();
        int column = pixel % grid.width();
        int context = 0;
        for (int n = 0; n < rows.length; n++) {
            int y = row + rows[n];
            int x = column + columns[n];
            boolean outside = y < 0 || x < 0 || x >= grid.width();
            int level = outside ? 0 : values[(y * grid.width() + x) * grid.channels() + channel] & 0xFF;
            context = context * grid.levels() + level;
        }
        return context;
    }
}
