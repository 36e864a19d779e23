package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import java.util.List;

/**
 * Attention of one position of every slot to neighbours whose keys and values are read from a memory, in standard ONNX
 * operators. A remembered vector is the key, the value and a 1: a memory gives zeros outside of the image, so that
 * number tells who is there.
 *
 * @param heads H
 * @param headSize D
 */
record NearbyAttention(int heads, int headSize) {
    private static final float MASKED = 1e9f;

    /** Width d of keys and of values. */
    private int width() {
        return heads * headSize;
    }

    /** Floats C of a remembered vector. */
    int memoryWidth() {
        return 2 * width() + 1;
    }

    /** What later steps need of this one, (B, 1, C). */
    String remembered(OnnxGraph graph, String qkv) {
        String keyAndValue = graph.slice(qkv, -1, width(), 3L * width());
        return graph.node(
                "Pad",
                List.of(
                        keyAndValue,
                        graph.constant(new long[] {0, 1}, 2),
                        graph.constant(new float[] {1}),
                        graph.constant(new long[] {-1}, 1)));
    }

    /**
     * Writes down the layer.
     *
     * @param qkv (B, 1, 3 d)
     * @param all (B, R, C): what is remembered of the R neighbours, the own position among them
     * @param neighbours R
     * @return (B, 1, d)
     */
    String write(OnnxGraph graph, String qkv, String all, int neighbours) {
        String query = graph.reshape(graph.slice(qkv, -1, 0, width()), 0, heads, 1, headSize);
        String key = heads(graph, all, 0, neighbours, List.of(0L, 2L, 3L, 1L)); // (B, H, D, R)
        String value = heads(graph, all, width(), neighbours, List.of(0L, 2L, 1L, 3L)); // (B, H, R, D)
        String scale = graph.constant(new float[] {(float) (1 / Math.sqrt(headSize))});
        String scores = graph.node("Mul", List.of(graph.node("MatMul", List.of(query, key)), scale)); // (B, H, 1, R)
        String isThere = graph.reshape(
                graph.slice(all, -1, memoryWidth() - 1L, memoryWidth()), 0, 1, 1, neighbours); // 1 or 0
        String absence = graph.node("Sub", List.of(isThere, graph.constant(new float[] {1})));
        String mask = graph.node("Mul", List.of(absence, graph.constant(new float[] {MASKED})));
        String masked = graph.node("Add", List.of(scores, mask));
        String weights = graph.node("Softmax", List.of(masked), attribute("axis", -1));
        return graph.reshape(graph.node("MatMul", List.of(weights, value)), 0, 1, width());
    }

    private String heads(OnnxGraph graph, String all, int first, int neighbours, List<Long> order) {
        String part = graph.slice(all, -1, first, first + width());
        String split = graph.reshape(part, 0, neighbours, heads, headSize);
        return graph.node("Transpose", List.of(split), attribute("perm", order));
    }
}
