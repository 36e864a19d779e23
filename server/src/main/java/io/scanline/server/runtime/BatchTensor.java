package io.scanline.server.runtime;

import ai.onnxruntime.OnnxJavaType;
import java.util.List;

/**
 * A tensor of a graph that works on a batch at once: its first axis counts the items.
 *
 * @param role its name in the contract
 * @param name its name in the graph
 * @param integers int64, or else float32
 * @param item shape of one item
 */
public record BatchTensor(String role, String name, boolean integers, List<Integer> item) {
    /** Numbers of one item. */
    public long size() {
        return item.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    }

    OnnxJavaType type() {
        return integers ? OnnxJavaType.INT64 : OnnxJavaType.FLOAT;
    }

    /** Shape with so many items, or with -1 for any number of them. */
    long[] shape(long batch) {
        long[] shape = new long[item.size() + 1];
        shape[0] = batch;
        for (int i = 0; i < item.size(); i++) {
            shape[i + 1] = item.get(i);
        }
        return shape;
    }
}
