package io.scanline.server.runtime;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Sizes of a cache of keys and values.
 *
 * @param layers attention layers, N
 * @param heads key/value heads, H
 * @param headSize width of a head, D
 * @param positions positions that the cache holds, T
 * @param element type of its numbers
 * @param windows of every layer the positions that one sees, itself included; 0: all. Empty: all layers see all
 */
public record KeyValueShape(
        int layers, int heads, int headSize, int positions, CacheElement element, List<Integer> windows) {
    /**
     * Positions that layers with a window drop at once. A multiple of any vector of floats, so that what a kernel adds up
     * together does not depend on how many were dropped; small, so that hardly more is walked over than the window.
     */
    static final int DROPPED_AT_ONCE = 64;

    /** Of layers that see all. */
    public KeyValueShape(int layers, int heads, int headSize, int positions, CacheElement element) {
        this(layers, heads, headSize, positions, element, List.of());
    }

    /** Of floats and layers that see all. */
    public KeyValueShape(int layers, int heads, int headSize, int positions) {
        this(layers, heads, headSize, positions, CacheElement.FLOAT32);
    }

    /** Layers that see all positions, or those with a window. */
    int[] layers(boolean windowed) {
        return IntStream.range(0, layers).filter(layer -> hasWindow(layer) == windowed).toArray();
    }

    /** Whether a layer sees some of the positions only. */
    boolean hasWindow(int layer) {
        return !windows.isEmpty() && windows.get(layer) > 0;
    }

    /** What the contract names of their lengths begin with. */
    static String prefix(boolean windowed) {
        return windowed ? "window_" : "";
    }

    private int widest() {
        return windows.stream().mapToInt(Integer::intValue).max().orElseThrow();
    }

    /**
     * Positions that layers with a window have dropped before they compute one. It depends on nothing but the position, so
     * that a slot's numbers do not either.
     */
    int dropped(int position) {
        return Math.max(0, (position - widest()) / DROPPED_AT_ONCE * DROPPED_AT_ONCE);
    }

    /**
     * Positions that the cache of a layer with a window has room for.
     *
     * @param longestRun positions of a slot that a run computes at most
     */
    int windowPositions(int longestRun) {
        return Math.min(positions, widest() + DROPPED_AT_ONCE - 1 + longestRun);
    }

    /** Positions of which a step reads keys and values, in all layers together. */
    long read(int position) {
        return IntStream.range(0, layers)
                .mapToLong(layer -> Math.min(position + 1, hasWindow(layer) ? windows.get(layer) : positions))
                .sum();
    }
}
