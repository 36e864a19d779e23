package io.scanline.server.runtime;

import java.util.List;

/**
 * Sizes of what a step graph carries from step to step. A graph that carries nothing has only empty ones.
 *
 * @param keyValues its cache of keys and values; null for none
 * @param memories its memories
 * @param recurrents shapes, for one slot, of the tensors that every run hands to the next
 */
public record StateShape(KeyValueShape keyValues, List<MemoryShape> memories, List<List<Integer>> recurrents) {
    /** Floats of one slot of a recurrent tensor. */
    static long size(List<Integer> shape) {
        return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }
}
