package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import io.scanline.bundle.v1.Offset;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Attention over a whole sequence in standard ONNX operators: softmax(Q K^T / sqrt(D) + mask) V.
 *
 * @param positions S, fixed; 0: as many as there are
 * @param headSize D
 */
record FullAttention(int positions, int headSize) {
    private static final float MASKED = -1e9f;

    /**
     * Writes down layer {@code layer}.
     *
     * @param mask (S, S): what is added to the score of every query and key
     */
    String write(OnnxGraph graph, String qkv, int heads, float[] mask, int layer) {
        return write(
                graph,
                qkv,
                heads,
                scores -> graph.node(
                        "Add", List.of(scores, graph.constant("mask" + layer, mask, positions, positions))));
    }

    /** Writes down attention without a mask; see {@link Ops#attention}. */
    static String mutual(OnnxGraph graph, String qkv, int heads, int headSize) {
        return new FullAttention(0, headSize).write(graph, qkv, heads, scores -> scores);
    }

    private String write(OnnxGraph graph, String qkv, int heads, UnaryOperator<String> masked) {
        String split = graph.node(
                "Transpose",
                List.of(graph.reshape(qkv, -1, positions, 3, heads, headSize)),
                attribute("perm", List.of(2L, 0L, 3L, 1L, 4L))); // (3, B, H, S, D)
        String query = part(graph, split, 0);
        String key = graph.node(
                "Transpose", List.of(part(graph, split, 1)), attribute("perm", List.of(0L, 1L, 3L, 2L))); // (B, H, D, S)
        String value = part(graph, split, 2);
        String scale = graph.constant(new float[] {(float) (1 / Math.sqrt(headSize))});
        String scores = graph.node("Mul", List.of(graph.node("MatMul", List.of(query, key)), scale));
        String weights = graph.node("Softmax", List.of(masked.apply(scores)), attribute("axis", -1));
        String mixed = graph.node(
                "Transpose",
                List.of(graph.node("MatMul", List.of(weights, value))),
                attribute("perm", List.of(0L, 2L, 1L, 3L))); // (B, S, H, D)
        return graph.reshape(mixed, -1, positions, (long) heads * headSize);
    }

    private static String part(OnnxGraph graph, String split, long index) {
        return graph.node("Gather", List.of(split, graph.constant(new long[] {index})), attribute("axis", 0));
    }

    /** The mask of {@link Ops#causalAttention}. */
    float[] window(int window) {
        float[] mask = new float[positions * positions];
        for (int i = 0; i < positions; i++) {
            for (int j = 0; j < positions; j++) {
                boolean seen = j <= i && (window == 0 || j > i - window);
                mask[i * positions + j] = seen ? 0 : MASKED;
            }
        }
        return mask;
    }

    /** The mask of {@link Ops#neighbourAttention}. */
    float[] neighbours(Taps.Neighbours neighbours) {
        int width = neighbours.width();
        float[] mask = new float[positions * positions];
        Arrays.fill(mask, MASKED);
        for (int i = 0; i < positions; i++) {
            for (Offset offset : neighbours.all()) {
                int row = i / width + offset.getRows();
                int column = i % width + offset.getColumns();
                if (row >= 0 && column >= 0 && column < width) {
                    mask[i * positions + row * width + column] = 0;
                }
            }
        }
        return mask;
    }
}
