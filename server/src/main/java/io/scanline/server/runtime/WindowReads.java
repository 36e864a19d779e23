package io.scanline.server.runtime;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where the positions of windows find what they read of a memory: among the rows of the run itself, or among the
 * vectors that lie before the window, of which every distance is there once, the farthest first. One vector more is
 * zeros.
 */
final class WindowReads {
    private final List<MemoryShape.Read> reads;
    private final Raster raster;
    private final int slots;
    private final int positions;
    private final int[] before;
    private final int[] placeOf; // by distance before the window

    /**
     * @param slots windows of a run, n
     * @param positions of a window, P
     */
    WindowReads(List<MemoryShape.Read> reads, Raster raster, int slots, int positions) {
        this.reads = reads;
        this.raster = raster;
        this.slots = slots;
        this.positions = positions;
        this.before = reads.stream()
                .flatMapToInt(read -> IntStream.range(0, positions).map(i -> read.lag() - i))
                .filter(distance -> distance > 0)
                .distinct()
                .map(distance -> -distance)
                .sorted()
                .map(negative -> -negative)
                .toArray();
        this.placeOf = new int[before.length == 0 ? 1 : before[0] + 1];
        for (int place = 0; place < before.length; place++) {
            placeOf[before[place]] = place;
        }
    }

    /** What a position reads, R. */
    int perPosition() {
        return reads.size();
    }

    /** Distances of the vectors before a window that it may read, in the order of positions. */
    int[] before() {
        return Arrays.copyOf(before, before.length);
    }

    /** Vectors of a window in read.m: one for every distance, and zeros. */
    int vectors() {
        return before.length + 1;
    }

    /**
     * Writes the sources of a window, long[P,R] of long[n,P,R].
     *
     * @param at which window of the run
     * @param from its first position
     * @param count its positions; those beyond repeat the last one
     */
    void fill(int at, int from, int count, long[] sources) {
        int next = at * positions * reads.size();
        int vectors = slots * positions + at * vectors();
        for (int i = 0; i < positions; i++) {
            int index = Math.min(i, count - 1);
            for (MemoryShape.Read read : reads) {
                int source;
                if (!read.exists(from + index, raster)) {
                    source = vectors + before.length;
                } else if (index >= read.lag()) {
                    source = at * positions + index - read.lag();
                } else {
                    source = vectors + placeOf[read.lag() - index];
                }
                sources[next++] = source;
            }
        }
    }
}
