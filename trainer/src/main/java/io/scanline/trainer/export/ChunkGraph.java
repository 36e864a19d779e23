package io.scanline.trainer.export;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import com.google.protobuf.InvalidProtocolBufferException;
import io.scanline.bundle.v1.Autoregression;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Element;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.bundle.v1.State;
import io.scanline.contract.CausalContext;
import io.scanline.trainer.onnx.GraphProto;
import io.scanline.trainer.onnx.ModelProto;
import io.scanline.trainer.onnx.NodeProto;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.OnnxGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The "chunk" graph of a bundle, made of its "step" in fp32: a loop over N positions that gathers what a step is shown,
 * makes the step in 16-bit floats, and draws the value. For CUDA, where every run copies its inputs and outputs between
 * host and device, and attention with a cache has no kernel in single precision. Only operators that have CUDA kernels in
 * this version of ONNX.
 */
final class ChunkGraph {
    /** Role of the graph. */
    static final String ROLE = "chunk";

    /** Name of the variant in bundles. */
    static final String VARIANT = "fp16";

    static final String VALUES = "values";
    static final String FIRST = "first";
    static final String GIVEN = "given";
    static final String UNIFORM = "uniform";
    static final String TEMPERATURE = "temperature";
    static final String TOP_K = "top_k";
    static final String TOP_P = "top_p";
    static final String OWN = "own";
    static final String OTHER = "other";
    static final String GUIDANCE = "guidance";
    static final String DRAWN = "drawn";
    static final String LOG_PROBABILITY = "log_probability";
    static final String LABEL = "label";

    private static final String FILE = ROLE + "-" + VARIANT + ".onnx";
    private static final String CHUNK = "chunk";
    private static final String HISTORY = "history";

    private final Bundle bundle;
    private final Graph step;
    private final GraphProto old;
    private final KeyValueCache cache;
    private final OnnxGraph outer = new OnnxGraph(ROLE, ROLE + ".");
    private final OnnxGraph body = new OnnxGraph(ROLE + ".loop", ROLE + ".loop.");
    private final Map<String, String> tensors = new TreeMap<>();
    /** What the loop carries, as the body reads it and as it hands it on. */
    private final List<String> carried = new ArrayList<>();

    private final List<String> carriedOn = new ArrayList<>();

    private ChunkGraph(Bundle bundle, Graph step, GraphProto old) {
        this.bundle = bundle;
        this.step = step;
        this.old = old;
        this.cache = step.getState().getKeyValueCache();
    }

    /**
     * Makes the graph.
     *
     * @param stored a bundle whose steps have a KV cache
     */
    static StepGraph of(StoredBundle stored) throws InvalidProtocolBufferException {
        Graph step = stored.required(StepGraph.ROLE);
        return new ChunkGraph(
                        stored.drawn().bundle(), step, ModelProto.parseFrom(stored.onnx(step)).getGraph())
                .make();
    }

    private StepGraph make() {
        inputs();
        int levels = bundle.getGeometry().getLevels();
        String batch = outer.node("Shape", List.of(UNIFORM), attribute("end", 1));
        String one = outer.constant(new long[] {1}, 1);
        String column = outer.node("Concat", List.of(batch, one), attribute("axis", 0)); // (2): B, 1
        String outside = outer.node("Expand", List.of(outer.constant(new long[] {levels}), column));
        String values = outer.node("Concat", List.of(VALUES, outside), attribute("axis", 1)); // (B, T + 1)

        String iteration = body.input("chunk.iteration", DataType.INT64);
        String going = body.input("chunk.going", DataType.BOOL);
        String now = body.reshape(iteration, 1); // (1)
        ChunkAttention attention = new ChunkAttention(
                outer, body, cache, FIRST, tensors.get("past_key.0"), UNIFORM, now);
        String before = carry(VALUES, DataType.INT64, StepGraph.BATCH, "padded");
        String position = position(now);
        shown(before, position);
        String logits = body.reshape(logits(attention), -1, levels);

        ChunkSampling sampling = new ChunkSampling(body, levels);
        boolean texts = step.containsTensors(StepGraph.CONDITION);
        String own = texts ? body.node("Gather", List.of(logits, OWN), attribute("axis", 0)) : logits;
        String drawn = sampling.draw(
                texts ? guided(logits, own) : logits,
                new ChunkSampling.Choice(
                        column(TEMPERATURE), column(TOP_K), column(TOP_P), at(UNIFORM, now)));
        String given = at(GIVEN, now);
        String isGiven = body.node("GreaterOrEqual", List.of(given, body.constant(new long[] {0}, 1)));
        String value = body.node("Where", List.of(isGiven, given, drawn));
        carriedOn.add(
                0, body.node("ScatterElements", List.of(before, position, value), attribute("axis", 1)));
        loop(going, attention, values, List.of(value, sampling.logProbability(own, value)));
        KeyValueCache.Builder halves = KeyValueCache.newBuilder()
                .setLayers(cache.getLayers())
                .setHeads(cache.getHeads())
                .setHeadSize(cache.getHeadSize())
                .setPositions(cache.getPositions())
                .setElement(Element.ELEMENT_FLOAT16);
        return new StepGraph(
                Graph.newBuilder()
                        .setRole(ROLE)
                        .setVariant(VARIANT)
                        .setFile(FILE)
                        .putAllTensors(tensors)
                        .setState(State.newBuilder().setKeyValueCache(halves))
                        .build(),
                outer.build());
    }

    private void inputs() {
        input(VALUES, DataType.INT64, StepGraph.BATCH, bundle.getAutoregression().getSteps());
        input(FIRST, DataType.INT64, StepGraph.BATCH);
        for (String name : List.of(LABEL, StepGraph.CONDITION)) {
            if (step.containsTensors(name)) {
                tensors.put(name, step.getTensorsOrThrow(name));
                old.getInputList().stream()
                        .filter(input -> input.getName().equals(tensors.get(name)))
                        .forEach(outer::addInput);
            }
        }
        input(GIVEN, DataType.INT64, StepGraph.BATCH, CHUNK);
        input(UNIFORM, DataType.FLOAT, StepGraph.BATCH, CHUNK);
        input(TEMPERATURE, DataType.FLOAT, StepGraph.BATCH);
        input(TOP_K, DataType.INT64, StepGraph.BATCH);
        input(TOP_P, DataType.FLOAT, StepGraph.BATCH);
        if (step.containsTensors(StepGraph.CONDITION)) {
            input(OWN, DataType.INT64, StepGraph.BATCH);
            input(OTHER, DataType.INT64, StepGraph.BATCH);
            input(GUIDANCE, DataType.FLOAT, StepGraph.BATCH);
        }
        for (int layer = 0; layer < cache.getLayers(); layer++) {
            for (String kind : List.of("key", "value")) {
                String name = step.getTensorsOrThrow("past_" + kind + "." + layer);
                tensors.put("past_" + kind + "." + layer, name);
                outer.input(
                        name, DataType.FLOAT16, StepGraph.BATCH, cache.getHeads(), HISTORY, cache.getHeadSize());
            }
        }
    }

    private void input(String name, DataType type, Object... dimensions) {
        StepGraph.input(outer, tensors, name, type, dimensions);
    }

    /** Declares something that the loop carries. */
    private String carry(String name, DataType type, Object... dimensions) {
        carried.add(body.input("chunk." + name, type, dimensions));
        return "chunk." + name;
    }

    /** The position of every slot, (B, 1), that of the last value for those behind it. */
    private String position(String now) {
        String place = body.node("Add", List.of(FIRST, now));
        String last = body.constant(new long[] {bundle.getAutoregression().getSteps() - 1});
        String position = body.node("Min", List.of(place, last));
        return rename(
                body.node("Unsqueeze", List.of(position, body.constant(new long[] {1}, 1))),
                step.getTensorsOrThrow("position"));
    }

    /** What the step is shown of the values, (B, 1, K). */
    private void shown(String values, String position) {
        Autoregression autoregression = bundle.getAutoregression();
        CausalContext context = new CausalContext(bundle.getGeometry(), autoregression);
        int steps = autoregression.getSteps();
        long[] sources = new long[steps * context.size()]; // steps, the place of `levels`, for those outside
        for (int i = 0; i < sources.length; i++) {
            int source = context.source(i / context.size(), i % context.size());
            sources[i] = source < 0 ? steps : source;
        }
        String table = outer.constant(sources, steps, context.size());
        String indices = body.reshape(body.node("Gather", List.of(table, position)), 0, context.size()); // (B, K)
        String shown = body.node("GatherElements", List.of(values, indices), attribute("axis", 1));
        rename(
                body.node("Unsqueeze", List.of(shown, body.constant(new long[] {1}, 1))),
                step.getTensorsOrThrow("context"));
    }

    private String rename(String output, String name) {
        body.rename(output, name);
        return name;
    }

    /** Writes the step; gives its logits, (B, 1, L) in single precision. */
    private String logits(ChunkAttention attention) {
        String logits = step.getTensorsOrThrow("logits");
        HalfNodes nodes = new HalfNodes(outer, body, old, logits);
        nodes.addToBody(List.of(step.getTensorsOrThrow("position"), step.getTensorsOrThrow("context")));
        Map<String, Integer> layers = new TreeMap<>();
        for (int layer = 0; layer < cache.getLayers(); layer++) {
            layers.put(tensors.get("past_key." + layer), layer);
        }
        for (NodeProto node : old.getNodeList()) {
            if (node.getOpType().equals(ChunkAttention.REPLACED)) {
                attend(attention, nodes, node, layers.get(node.getInput(3)));
            } else {
                nodes.write(node);
            }
        }
        nodes.addConstants();
        return nodes.single(logits);
    }

    private void attend(ChunkAttention attention, HalfNodes nodes, NodeProto node, int layer) {
        Object[] shape = {StepGraph.BATCH, cache.getHeads(), CHUNK, cache.getHeadSize()};
        ChunkAttention.Attended attended = attention.write(
                node,
                nodes.single(node.getInput(0)),
                attention.history(
                        tensors.get("past_key." + layer),
                        tensors.get("past_value." + layer),
                        carry("key_" + layer, DataType.FLOAT16, shape),
                        carry("value_" + layer, DataType.FLOAT16, shape)));
        carriedOn.addAll(List.of(attended.keys(), attended.values()));
        nodes.addHalf(node.getOutput(0), attended.mixed());
        for (String kind : List.of("key", "value")) {
            tensors.put("new_" + kind + "." + layer, "new_" + kind + "_" + layer);
        }
    }

    /** Logits u + g (c - u) of the slots that a slot names. */
    private String guided(String logits, String own) {
        String other = body.node("Gather", List.of(logits, OTHER), attribute("axis", 0));
        String difference = body.node("Sub", List.of(own, other));
        return body.node("Add", List.of(other, body.node("Mul", List.of(column(GUIDANCE), difference))));
    }

    /** A number for every slot as a column, (B, 1). */
    private String column(String name) {
        return outer.node("Unsqueeze", List.of(name, outer.constant(new long[] {1}, 1)));
    }

    /** What an input (B, N) has for this position, (B, 1). */
    private String at(String name, String now) {
        return body.node("Gather", List.of(name, now), attribute("axis", 1));
    }

    /** Closes the loop: the numbers of every position, (B, 1) each, become columns of the outputs. */
    private void loop(String going, ChunkAttention attention, String values, List<String> numbers) {
        body.output(body.node("Identity", List.of(going)), DataType.BOOL);
        List<String> inputs = new ArrayList<>(List.of(
                outer.node(
                        "Squeeze",
                        List.of(
                                outer.node("Shape", List.of(UNIFORM), attribute("start", 1)),
                                outer.constant(new long[] {0}, 1))),
                "",
                values));
        List<String> outputs = new ArrayList<>(List.of("chunk.values_after"));
        for (int n = 0; n < carried.size(); n++) {
            boolean whole = n == 0;
            Object[] shape = whole
                    ? new Object[] {StepGraph.BATCH, "padded"}
                    : new Object[] {StepGraph.BATCH, cache.getHeads(), CHUNK, cache.getHeadSize()};
            body.output(carriedOn.get(n), whole ? DataType.INT64 : DataType.FLOAT16, shape);
            if (!whole) {
                inputs.add(attention.empty());
                String output = tensors.get("new_" + (n % 2 == 1 ? "key." : "value.") + (n - 1) / 2);
                outputs.add(output);
                outer.output(output, DataType.FLOAT16, shape);
            }
        }
        List<String> names = List.of(DRAWN, LOG_PROBABILITY);
        List<DataType> types = List.of(DataType.INT64, DataType.FLOAT);
        for (int n = 0; n < names.size(); n++) {
            body.output(numbers.get(n), types.get(n), StepGraph.BATCH, 1);
            outputs.add("chunk." + names.get(n)); // (N, B, 1)
        }
        outer.node("", "Loop", inputs, outputs, attribute("body", body.body()));
        for (int n = 0; n < names.size(); n++) {
            String columns = outer.node(
                    "Transpose", List.of("chunk." + names.get(n)), attribute("perm", List.of(2L, 1L, 0L)));
            outer.node("", "Squeeze", List.of(columns, outer.constant(new long[] {0}, 1)), List.of(names.get(n)));
            tensors.put(names.get(n), names.get(n));
            outer.output(names.get(n), types.get(n), StepGraph.BATCH, CHUNK);
        }
    }
}
