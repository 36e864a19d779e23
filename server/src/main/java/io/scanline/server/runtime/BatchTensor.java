package io.scanline.server.runtime;

import ai.onnxruntime.OnnxJavaType;
import java.util.ArrayList;
import java.util.List;

/**
 * A tensor of a graph that works on a batch at once: its first axis counts the items, unless its form says otherwise.
 *
 * @param role its name in the contract
 * @param name its name in the graph
 * @param integers int64, or else float32
 * @param item shape of one item in the contract
 * @param form how it looks in the graph
 */
public record BatchTensor(String role, String name, boolean integers, List<Integer> item, GraphForm form) {
    /** One that looks as the contract says. */
    public BatchTensor(String role, String name, boolean integers, List<Integer> item) {
        this(role, name, integers, item, GraphForm.PLAIN);
    }

    /** Numbers of one item. */
    public long size() {
        return item.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    }

    /** Whether a run may take several items. */
    boolean batches() {
        return form.axis() == GraphForm.BatchAxis.ANY;
    }

    /** Type of its numbers in the graph. */
    OnnxJavaType type() {
        return switch (form.element()) {
            case UINT8 -> OnnxJavaType.UINT8;
            case INT32 -> OnnxJavaType.INT32;
            case OWN -> integers ? OnnxJavaType.INT64 : OnnxJavaType.FLOAT;
        };
    }

    /** Shape in the graph with so many items, or with -1 for any number of them. */
    long[] shape(long batch) {
        List<Long> shape = new ArrayList<>();
        switch (form.axis()) {
            case ANY -> shape.add(batch);
            case ONE -> shape.add(1L);
            case NONE -> { }
        }
        itemShape().forEach(side -> shape.add((long) side));
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    private List<Integer> itemShape() {
        if (form.channelsLast()) {
            return List.of(item.get(1), item.get(2), item.get(0));
        }
        return form.shape().isEmpty() ? item : form.shape();
    }
}
