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
 * @param seqlens name of the int32 (B) input: positions in the cache after this step, less 1
 * @param total name of the int32 scalar input: the largest seqlens, plus 1
 */
record CachedAttention(int headSize, String seqlens, String total) {
    /** Name of a layer's cache tensor. */
    static String name(String kind, int layer) {
        return kind + "_" + layer;
    }

    /** Writes down layer {@code layer}; see {@link Ops#causalAttention}. */
    String write(OnnxGraph graph, String qkv, int heads, int window, int layer) {
        List<String> inputs = new ArrayList<>(List.of(qkv, "", ""));
        List<String> outputs = new ArrayList<>(List.of("attended_" + layer));
        for (String kind : List.of("key", "value")) {
            String past = name("past_" + kind, layer);
            String present = name("present_" + kind, layer);
            inputs.add(graph.input(past, DataType.FLOAT, "batch", heads, "cache", headSize));
            outputs.add(present);
            graph.output(present, DataType.FLOAT, "batch", heads, "cache", headSize);
        }
        inputs.add(seqlens);
        inputs.add(total);
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
