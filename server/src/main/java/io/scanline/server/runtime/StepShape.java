package io.scanline.server.runtime;

/**
 * Sizes of a step graph.
 *
 * @param context values that a step is shown, K
 * @param levels logits of a step, L
 * @param labelled whether it takes a class
 * @param layers attention layers, N
 * @param heads key/value heads, H
 * @param headSize width of a head, D
 * @param positions positions that the cache holds, T
 */
public record StepShape(
        int context, int levels, boolean labelled, int layers, int heads, int headSize, int positions) {
    /** Bytes of the keys, or of the values, of one layer and one slot: [H,T,D] floats. */
    public long slotBytes() {
        return (long) heads * positions * headSize * Float.BYTES;
    }
}
