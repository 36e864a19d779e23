package io.scanline.trainer.export;

import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.bundle.v1.State;
import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.onnx.ModelProto;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.CachedAttention;
import io.scanline.trainer.ops.FullAttention;
import io.scanline.trainer.ops.OnnxGraph;
import io.scanline.trainer.ops.OnnxOps;
import java.util.Map;

/** The ONNX graphs of an autoregressive network. */
final class StepGraph {
    /** Role of the step graph. */
    static final String ROLE = "step";
    /** Path of the step graph in a bundle. */
    static final String FILE = "step.onnx";

    private static final String CONTEXT = "context";
    private static final String POSITION = "position";
    private static final String LABEL = "label";
    private static final String SEQLENS = "seqlens";
    private static final String TOTAL = "total";
    private static final String LOGITS = "logits";

    private StepGraph() {}

    /** One position of every slot with cached keys and values; the same graph takes several positions of a slot at once. */
    static ModelProto cached(AutoregressiveNetwork network, Map<String, OnnxOps.Values> parameters) {
        OnnxGraph graph = new OnnxGraph("step");
        String seqlens = graph.input(SEQLENS, DataType.INT32, "batch");
        String total = graph.input(TOTAL, DataType.INT32);
        return write(graph, network, parameters, new CachedAttention(network.headSize(), seqlens, total), "positions");
    }

    /** All positions at once in standard ONNX operators, without a cache: what the cached graph is checked against. */
    static ModelProto full(AutoregressiveNetwork network, Map<String, OnnxOps.Values> parameters) {
        int values = network.shape().values();
        return write(
                new OnnxGraph("full"), network, parameters, new FullAttention(values, network.headSize()), values);
    }

    private static ModelProto write(
            OnnxGraph graph,
            AutoregressiveNetwork network,
            Map<String, OnnxOps.Values> parameters,
            OnnxOps.Attention attention,
            Object positions) {
        int shown = network.context().size();
        String context = graph.input(CONTEXT, DataType.INT64, "batch", positions, shown);
        String position = graph.input(POSITION, DataType.INT64, "batch", positions);
        String label = graph.input(LABEL, DataType.INT64, "batch");
        String result = network.logits(new OnnxOps(graph, parameters, attention), context, position, label);
        graph.rename(result, LOGITS);
        graph.output(LOGITS, DataType.FLOAT, "batch", positions, network.shape().levels());
        return graph.build();
    }

    /** How a bundle describes the cached graph. */
    static Graph description(AutoregressiveNetwork network) {
        Graph.Builder description = Graph.newBuilder()
                .setRole(ROLE)
                .setVariant("fp32")
                .setFile(FILE)
                .setState(State.newBuilder()
                        .setKeyValueCache(KeyValueCache.newBuilder()
                                .setLayers(network.depth())
                                .setHeads(network.heads())
                                .setHeadSize(network.headSize())
                                .setPositions(network.shape().values())));
        for (String tensor : new String[] {CONTEXT, POSITION, LABEL, SEQLENS, TOTAL, LOGITS}) {
            description.putTensors(tensor, tensor);
        }
        for (int layer = 0; layer < network.depth(); layer++) {
            for (String kind : new String[] {"past_key", "past_value", "present_key", "present_value"}) {
                description.putTensors(kind + "." + layer, CachedAttention.name(kind, layer));
            }
        }
        return description.build();
    }
}
