package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import io.scanline.trainer.onnx.TensorProto.DataType;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention with keys and values of earlier steps cached in place: com.microsoft.GroupQueryAttention, each slot of the
 * batch at its own position. Adds the cache's inputs and outputs to the graph.
 *
 * @param headSize D
 */
record CachedAttention(int headSize) {
    /** Name of the int32 (B) input: positions in the cache after this step, less 1. */
    static final String SEQLENS = "seqlens";
    /** Name of the int32 scalar input: the largest seqlens, plus 1. */
    static final String TOTAL = "total";

    /** Begins the names of both: those of layers with a window, whose cache may be without the first positions, or of others. */
    static String prefix(int window) {
        return window == 0 ? "" : "window_";
    }

    /** Name of a layer's cache tensor. */
    static String name(String kind, int layer) {
        return kind + "_" + layer;
    }

    /** Writes down layer {@code layer}; see {@link Ops#causalAttention}. */
    String write(OnnxGraph graph, String qkv, int heads, int window, int layer) {
        String prefix = prefix(window);
        List<String> inputs = new ArrayList<>(List.of(qkv, "", ""));
        List<String> outputs = new ArrayList<>(List.of("attended_" + layer));
        for (String kind : List.of("key", "value")) {
            String past = name("past_" + kind, layer);
            String present = name("present_" + kind, layer);
            inputs.add(graph.input(past, DataType.FLOAT, "batch", heads, prefix + "cache", headSize));
            outputs.add(present);
            graph.output(present, DataType.FLOAT, "batch", heads, prefix + "cache", headSize);
        }
        inputs.add(prefix + SEQLENS);
        inputs.add(prefix + TOTAL);
        graph.node(
                OnnxGraph.MICROSOFT,
                "GroupQueryAttention",
                inputs,
                outputs,
                attribute("num_heads", heads),
                attribute("kv_num_heads", heads),
                attribute("local_window_size", window == 0 ? -1 : window));
        return outputs.get(0);
    }
}
