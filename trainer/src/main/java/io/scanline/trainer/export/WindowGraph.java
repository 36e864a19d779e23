package io.scanline.trainer.export;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import com.google.protobuf.InvalidProtocolBufferException;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.Memory;
import io.scanline.bundle.v1.State;
import io.scanline.trainer.onnx.FunctionProto;
import io.scanline.trainer.onnx.GraphProto;
import io.scanline.trainer.onnx.ModelProto;
import io.scanline.trainer.onnx.NodeProto;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.onnx.ValueInfoProto;
import io.scanline.trainer.ops.NearbyAttention;
import io.scanline.trainer.ops.OnnxGraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The graph of several positions of a slot in one run, made of the step graph itself: its batch becomes the positions, and
 * what is read of a memory is gathered from what this run writes and from vectors that earlier runs wrote,
 *
 * <pre>  read.m = Gather(Concat(write.m, vectors), source.m)      (P, R, C) of (P + Q, C)</pre>
 *
 * so that the arithmetic of a position is that of a step. Attention to neighbours looks at all vectors of a slot where they
 * are, with other definitions of its operators ({@link NearbyAttention}) and the positions of a slot beside each other. The
 * weights are in both graphs.
 */
final class WindowGraph {
    /** Role of the graph. */
    static final String ROLE = "window";

    private static final String FILE = ROLE + ".onnx";
    private static final String READ = "read.";
    private static final String WRITE = "write.";
    private static final String SOURCE = "source.";

    private final Graph step;
    private final GraphProto graph;
    private final Map<String, String> tensors;
    private final Map<String, List<NodeProto>> readers = new HashMap<>(); // by the name of what they need
    private final List<ValueInfoProto> sources = new ArrayList<>();
    private final Map<String, ValueInfoProto> vectors = new HashMap<>(); // by the name of the read that they stand for
    private final Map<String, ValueInfoProto> written = new HashMap<>(); // outputs of more rows than slots, by name
    private final Map<String, NodeProto> masks = new HashMap<>(); // of attention, by name
    private final Map<String, FunctionProto> functions = new TreeMap<>();

    private WindowGraph(Graph step, GraphProto graph) {
        this.step = step;
        this.graph = graph;
        this.tensors = new HashMap<>(step.getTensorsMap());
        for (int m = 0; m < step.getState().getMemoriesCount(); m++) {
            if (tensors.containsKey(READ + m) && !attended(m)) {
                addReader(m);
            }
        }
        if (!readers.isEmpty() && !functions.isEmpty()) {
            throw new IllegalArgumentException("attention to neighbours beside memories of other layers");
        }
    }

    /** Sees to a memory that attention reads, whose vectors are looked at where they are; false: not that kind. */
    private boolean attended(int memory) {
        Memory description = step.getState().getMemories(memory);
        String read = tensors.get(READ + memory);
        List<NodeProto> nodes = graph.getNodeList().stream()
                .filter(node -> node.getDomain().equals(NearbyAttention.DOMAIN) && node.getInputList().contains(read))
                .toList();
        if (nodes.isEmpty()) {
            return false;
        }
        vectors.put(
                read,
                OnnxGraph.value(read, DataType.FLOAT, StepGraph.BATCH, "vectors", description.getWidth()));
        String write = tensors.get(WRITE + memory);
        written.put(write, OnnxGraph.value(write, DataType.FLOAT, "rows", description.getWidth()));
        String source = source(memory, description, StepGraph.BATCH, StepGraph.POSITIONS);
        for (NodeProto node : nodes) {
            if (node.getOpType().equals(NearbyAttention.MASK)) {
                masks.put(node.getName(), node.toBuilder().addInput(source).build());
            }
            NearbyAttention.of(node, description.getWidth()).ofWindows().forEach(function ->
                    functions.put(function.getName(), function));
        }
        return true;
    }

    /**
     * Adds the window graph to a bundle, in place of one that it has.
     *
     * @return the bundle as it is when its steps have no memories, or need what the step before them leaves: recurrences
     */
    static StoredBundle addTo(StoredBundle stored) throws InvalidProtocolBufferException {
        Graph step = stored.required(StepGraph.ROLE);
        State state = step.getState();
        if (state.getMemoriesCount() == 0 || state.getRecurrentsCount() > 0) {
            return stored;
        }
        ModelProto model = ModelProto.parseFrom(stored.onnx(step));
        WindowGraph window = new WindowGraph(step, model.getGraph());
        Optional<GraphProto> made = window.make();
        if (made.isEmpty()) {
            return stored;
        }
        Map<String, byte[]> files = new HashMap<>(stored.graphs());
        files.put(
                FILE,
                model.toBuilder()
                        .setGraph(made.get())
                        .clearFunctions()
                        .addAllFunctions(window.functions.values())
                        .build()
                        .toByteArray());
        List<Graph> graphs = new ArrayList<>(stored.bundle().getGraphsList());
        graphs.removeIf(graph -> graph.getRole().equals(ROLE));
        graphs.add(StepGraph.description(ROLE, window.tensors, State.getDefaultInstance()).clearState().build());
        return new StoredBundle(stored.bundle().toBuilder().clearGraphs().addAllGraphs(graphs).build(), files);
    }

    private void addReader(int memory) {
        Memory description = step.getState().getMemories(memory);
        String read = tensors.get(READ + memory);
        String write = tensors.get(WRITE + memory);
        String source = source(memory, description, StepGraph.BATCH);
        String given = "vectors_" + memory;
        String all = "written_and_given_" + memory;
        tensors.put(READ + memory, given);
        vectors.put(read, OnnxGraph.value(given, DataType.FLOAT, "vectors", description.getWidth()));
        readers.put(
                write,
                List.of(
                        NodeProto.newBuilder()
                                .setName("Concat_" + all)
                                .setOpType("Concat")
                                .addInput(write)
                                .addInput(given)
                                .addOutput(all)
                                .addAttribute(attribute("axis", 0))
                                .build(),
                        NodeProto.newBuilder()
                                .setName("Gather_" + read)
                                .setOpType("Gather")
                                .addInput(all)
                                .addInput(source)
                                .addOutput(read)
                                .addAttribute(attribute("axis", 0))
                                .build()));
    }

    /** The input that says where a memory's reads are, for positions of these dimensions: that of the first of its kind. */
    private String source(int memory, Memory description, Object... positions) {
        int first = 0;
        while (!sameReads(step.getState().getMemories(first), description)) {
            first++;
        }
        String name = "source_" + first;
        if (first == memory) {
            int reads = description.hasRing()
                    ? description.getRing().getLagsCount()
                    : description.getRowCache().getOffsetsCount();
            tensors.put(SOURCE + memory, name);
            sources.add(OnnxGraph.value(
                    name, DataType.INT64, Stream.concat(Stream.of(positions), Stream.of(reads)).toArray()));
        }
        return name;
    }

    private static boolean sameReads(Memory one, Memory other) {
        return one.getRing().equals(other.getRing()) && one.getRowCache().equals(other.getRowCache());
    }

    /** The nodes in an order in which each finds its inputs; empty when there is none, as in recurrences. */
    private Optional<GraphProto> make() {
        GraphProto.Builder window = graph.toBuilder().setName(ROLE).clearNode().clearInput().clearOutput();
        graph.getOutputList().forEach(output -> window.addOutput(written.getOrDefault(output.getName(), output)));
        Set<String> there = new HashSet<>(Set.of(""));
        graph.getInitializerList().forEach(initializer -> there.add(initializer.getName()));
        for (ValueInfoProto input : graph.getInputList()) {
            ValueInfoProto taken = vectors.getOrDefault(input.getName(), input);
            window.addInput(taken);
            there.add(taken.getName());
        }
        for (ValueInfoProto source : sources) {
            window.addInput(source);
            there.add(source.getName());
        }
        List<NodeProto> left = new ArrayList<>();
        for (NodeProto node : graph.getNodeList()) {
            left.add(masks.getOrDefault(node.getName(), node));
            node.getOutputList().forEach(output -> left.addAll(readers.getOrDefault(output, List.of())));
        }
        boolean progress = true;
        while (progress) {
            progress = left.removeIf(node -> {
                if (!there.containsAll(node.getInputList())) {
                    return false;
                }
                window.addNode(node);
                there.addAll(node.getOutputList());
                return true;
            });
        }
        return left.isEmpty() ? Optional.of(window.build()) : Optional.empty();
    }
}
