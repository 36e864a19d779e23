package io.scanline.server.runtime;

/**
 * Sizes of a cache of keys and values.
 *
 * @param layers attention layers, N
 * @param heads key/value heads, H
 * @param headSize width of a head, D
 * @param positions positions that the cache holds, T
 * @param element type of its numbers
 */
public record KeyValueShape(int layers, int heads, int headSize, int positions, CacheElement element) {
    /** Of floats. */
    public KeyValueShape(int layers, int heads, int headSize, int positions) {
        this(layers, heads, headSize, positions, CacheElement.FLOAT32);
    }

    /** Bytes of the keys, or of the values, of one layer and one slot: [H,T,D] numbers. */
    long slotBytes() {
        return (long) heads * positions * headSize * element.bytes();
    }
}
