package io.scanline.trainer.export;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import io.scanline.bundle.v1.Autoregression;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.Offset;
import io.scanline.bundle.v1.Order;
import io.scanline.bundle.v1.RowInput;
import io.scanline.bundle.v1.State;
import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.models.AutoregressiveNetwork.Seen;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.models.RowsAbove;
import io.scanline.trainer.onnx.ModelProto;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.CachedRow;
import io.scanline.trainer.ops.CachedStep;
import io.scanline.trainer.ops.OnnxGraph;
import io.scanline.trainer.ops.OnnxOps;
import io.scanline.trainer.ops.WholeImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An ONNX graph of an autoregressive network, and how a bundle describes it.
 *
 * @param description its role, tensors and state
 * @param model the graph itself
 */
record StepGraph(Graph description, ModelProto model) {
    /** Role of the graph that makes a step. */
    static final String ROLE = "step";

    /** The variant that every graph has. */
    static final String PLAIN = "fp32";

    private static final String CONTEXT = "context";
    private static final String CONTEXT_ABOVE = "context_above";
    private static final String POSITION = "position";
    private static final String LABEL = "label";
    /** Contract name of what steps are shown of a text. */
    static final String CONDITION = "condition";

    private static final String LOGITS = "logits";
    private static final String ABOVE = "above";
    static final String ROW = "row";
    static final String BATCH = "batch";
    static final String POSITIONS = "positions";

    /**
     * What is needed to draw images position by position: the geometry, the order, and the graphs "step" and, where the
     * network has a part for rows above, "row".
     */
    static StoredBundle bundle(AutoregressiveNetwork network, Map<String, OnnxOps.Values> parameters) {
        ImageShape shape = network.shape();
        CachedStep state = new CachedStep(shape.values());
        List<StepGraph> graphs = new ArrayList<>(List.of(step(network, parameters, state)));
        network.rowsAbove().ifPresent(rows -> graphs.add(row(rows, shape, parameters)));
        if (state.features() > 0) {
            graphs.add(RowBeforeGraph.of(state.leftToRow(), shape, parameters));
        }
        Bundle bundle = Bundle.newBuilder()
                .setGeometry(BundleWriter.geometry(shape))
                .setAutoregression(Autoregression.newBuilder()
                        .setOrder(Order.ORDER_RASTER)
                        .setSteps(shape.values())
                        .addAllContext(network.context()))
                .addAllGraphs(graphs.stream().map(StepGraph::description).toList())
                .build();
        Map<String, byte[]> files = new TreeMap<>();
        graphs.forEach(graph -> files.put(graph.description().getFile(), graph.model().toByteArray()));
        return new StoredBundle(bundle, files);
    }

    /** One position of every slot with cached state; with a KV cache, several positions of a slot at once if wanted. */
    private static StepGraph step(
            AutoregressiveNetwork network, Map<String, OnnxOps.Values> parameters, CachedStep state) {
        OnnxGraph graph = new OnnxGraph(ROLE);
        OnnxOps ops = new OnnxOps(graph, parameters, state);
        Map<String, String> tensors = new TreeMap<>();
        Seen<String> seen = new Seen<>(
                input(graph, tensors, CONTEXT, DataType.INT64, BATCH, POSITIONS, network.context().size()),
                input(graph, tensors, POSITION, DataType.INT64, BATCH, POSITIONS),
                label(graph, tensors, network.shape()),
                network.rowsAbove().map(rows ->
                        input(graph, tensors, CachedStep.FEATURES, DataType.FLOAT, BATCH, POSITIONS, rows.features())),
                condition(graph, tensors, network));
        graph.rename(network.logits(ops, seen), LOGITS);
        output(graph, tensors, LOGITS, BATCH, POSITIONS, network.shape().levels());
        if (state.features() > 0) {
            if (network.rowsAbove().isPresent()) {
                throw new IllegalArgumentException("a part for rows above beside recurrences to the left");
            }
            input(graph, tensors, CachedStep.FEATURES, DataType.FLOAT, BATCH, POSITIONS, state.features());
        }
        tensors.putAll(state.tensors());
        return new StepGraph(description(ROLE, tensors, state.state()).build(), graph.build());
    }

    /** All positions of one row of every slot, from the values above. */
    private static StepGraph row(RowsAbove rows, ImageShape shape, Map<String, OnnxOps.Values> parameters) {
        int above = -rows.context().stream().mapToInt(Offset::getRows).min().orElse(0);
        OnnxGraph graph = new OnnxGraph(ROW);
        CachedRow state = new CachedRow();
        OnnxOps ops = new OnnxOps(graph, parameters, state);
        Map<String, String> tensors = new TreeMap<>();
        String values = input(graph, tensors, ABOVE, DataType.INT64, BATCH, above, shape.width());
        input(graph, tensors, ROW, DataType.INT64, BATCH);
        Optional<String> label = label(graph, tensors, shape);
        String shown = neighbours(graph, values, above, rows.context(), shape);
        graph.rename(rows.apply(ops, shown, label), CachedStep.FEATURES);
        output(graph, tensors, CachedStep.FEATURES, BATCH, shape.width(), rows.features());
        tensors.putAll(state.tensors());
        Graph.Builder description = description(ROW, tensors, state.state())
                .setRow(RowInput.newBuilder().setAbove(above).setFeatures(rows.features()));
        return new StepGraph(description.build(), graph.build());
    }

    /** From values (B, A, W) above a row to those that each of its positions is shown, (B, W, K). */
    private static String neighbours(
            OnnxGraph graph, String values, int above, List<Offset> offsets, ImageShape shape) {
        int sides = offsets.stream().mapToInt(offset -> Math.abs(offset.getColumns())).max().orElse(0);
        String padded = graph.node(
                "Pad",
                List.of(
                        values,
                        graph.constant(new long[] {sides, sides}, 2),
                        graph.constant(new long[] {shape.levels()}),
                        graph.constant(new long[] {2}, 1)));
        List<String> shifted = new ArrayList<>();
        for (Offset offset : offsets) {
            int row = above + offset.getRows();
            int column = sides + offset.getColumns();
            shifted.add(graph.slice(graph.slice(padded, 1, row, row + 1), 2, column, column + shape.width()));
        }
        String all = graph.node("Concat", shifted, attribute("axis", 1)); // (B, K, W)
        return graph.node("Transpose", List.of(all), attribute("perm", List.of(0L, 2L, 1L)));
    }

    /**
     * All positions at once in standard ONNX operators, without state: what the cached graphs are checked against.
     * Beside the inputs of a step it takes "context_above" where the network has a part for rows above.
     */
    static ModelProto full(AutoregressiveNetwork network, Map<String, OnnxOps.Values> parameters) {
        int values = network.shape().values();
        OnnxGraph graph = new OnnxGraph("full");
        OnnxOps ops = new OnnxOps(graph, parameters, new WholeImage(values));
        Map<String, String> tensors = new TreeMap<>();
        String result = network.imageLogits(
                ops,
                input(graph, tensors, CONTEXT, DataType.INT64, BATCH, values, network.context().size()),
                network.rowsAbove().map(rows ->
                        input(graph, tensors, CONTEXT_ABOVE, DataType.INT64, BATCH, values, rows.context().size())),
                input(graph, tensors, POSITION, DataType.INT64, BATCH, values),
                label(graph, tensors, network.shape()),
                condition(graph, tensors, network));
        graph.rename(result, LOGITS);
        output(graph, tensors, LOGITS, BATCH, values, network.shape().levels());
        return graph.build();
    }

    static Optional<String> label(OnnxGraph graph, Map<String, String> tensors, ImageShape shape) {
        return shape.hasClasses() ? Optional.of(input(graph, tensors, LABEL, DataType.INT64, BATCH)) : Optional.empty();
    }

    private static Optional<String> condition(
            OnnxGraph graph, Map<String, String> tensors, AutoregressiveNetwork network) {
        return network.conditionWidth() == 0
                ? Optional.empty()
                : Optional.of(input(graph, tensors, CONDITION, DataType.FLOAT, BATCH, network.conditionWidth()));
    }

    static String input(
            OnnxGraph graph, Map<String, String> tensors, String name, DataType type, Object... dimensions) {
        tensors.put(name, name);
        return graph.input(name, type, dimensions);
    }

    static void output(OnnxGraph graph, Map<String, String> tensors, String name, Object... dimensions) {
        tensors.put(name, name);
        graph.output(name, DataType.FLOAT, dimensions);
    }

    static Graph.Builder description(String role, Map<String, String> tensors, State state) {
        return Graph.newBuilder()
                .setRole(role)
                .setVariant(PLAIN)
                .setFile(role + ".onnx")
                .putAllTensors(tensors)
                .setState(state);
    }
}
