package io.scanline.trainer.export;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import io.scanline.bundle.v1.RowInput;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.CachedRow;
import io.scanline.trainer.ops.CachedStep;
import io.scanline.trainer.ops.CachedStep.LeftToRow;
import io.scanline.trainer.ops.OnnxGraph;
import io.scanline.trainer.ops.OnnxOps;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The row graph of networks whose steps leave recurrences to it: it goes through the row that was completed last. */
final class RowBeforeGraph {
    private RowBeforeGraph() {}

    /** The graph of what the step graph of such images left, in the order of the features. */
    static StepGraph of(List<LeftToRow> left, ImageShape shape, Map<String, OnnxOps.Values> parameters) {
        OnnxGraph graph = new OnnxGraph(StepGraph.ROW);
        CachedRow state = new CachedRow();
        OnnxOps ops = new OnnxOps(graph, parameters, state);
        Map<String, String> tensors = new TreeMap<>();
        String row = StepGraph.input(graph, tensors, StepGraph.ROW, DataType.INT64, StepGraph.BATCH);
        StepGraph.label(graph, tensors, shape); // as for every graph of a network that knows of classes
        String isThere = isThere(graph, row);
        List<String> parts = new ArrayList<>();
        RowInput.Builder sizes = RowInput.newBuilder();
        for (LeftToRow part : left) {
            int width = part.recurrence().inputs();
            String previous = "previous_" + part.memory();
            graph.input(previous, DataType.FLOAT, StepGraph.BATCH, shape.width(), width);
            tensors.put("previous." + part.memory(), previous);
            parts.add(state.recurAbove(ops, graph, previous, isThere, part.recurrence()));
            sizes.addPrevious(part.memory());
            sizes.setFeatures(sizes.getFeatures() + part.recurrence().carried().get(0).width());
        }
        graph.rename(graph.node("Concat", parts, attribute("axis", -1)), CachedStep.FEATURES);
        StepGraph.output(graph, tensors, CachedStep.FEATURES, StepGraph.BATCH, shape.width(), sizes.getFeatures());
        tensors.putAll(state.tensors());
        return new StepGraph(
                StepGraph.description(StepGraph.ROW, tensors, state.state()).setRow(sizes).build(), graph.build());
    }

    /** (B, 1, 1): 0 in the first row of an image, which has none before it, 1 in all others. */
    private static String isThere(OnnxGraph graph, String row) {
        String atMostOne = graph.node("Min", List.of(row, graph.constant(new long[] {1})));
        String number = graph.node("Cast", List.of(atMostOne), attribute("to", DataType.FLOAT_VALUE));
        return graph.reshape(number, -1, 1, 1);
    }
}
