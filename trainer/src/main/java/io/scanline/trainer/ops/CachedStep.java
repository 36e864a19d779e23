package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.bundle.v1.Memory;
import io.scanline.bundle.v1.Ring;
import io.scanline.bundle.v1.RowCache;
import io.scanline.bundle.v1.State;
import io.scanline.trainer.onnx.TensorProto.DataType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One position of every slot at a time, what it needs of earlier ones being state of the graph: keys and values of
 * attention layers, and memories that every step writes and later steps read. Notes the state as a bundle describes it.
 */
public final class CachedStep implements OnnxOps.Positions {
    /** Name of the input that holds a position's share of what a row graph gives. */
    public static final String FEATURES = "features";

    /**
     * A recurrence to the left: a row graph computes it for a row that is complete.
     *
     * @param memory of the step graph that holds what the recurrence is given
     */
    public record LeftToRow(int memory, Recurrence recurrence) {}

    private final int positions;
    private final State.Builder state = State.newBuilder();
    private final Map<String, String> tensors = new TreeMap<>();
    private final List<LeftToRow> left = new ArrayList<>();
    private final Map<Taps.Neighbours, String> masks = new HashMap<>();
    private int features;

    /** Steps of images of this many positions. */
    public CachedStep(int positions) {
        this.positions = positions;
    }

    /** The state that the graph written so far has. */
    public State state() {
        State.Builder described = state.clone();
        List<Integer> windows = state.getKeyValueCache().getWindowsList();
        if (!windows.isEmpty() && windows.stream().allMatch(window -> window == 0)) {
            described.getKeyValueCacheBuilder().clearWindows();
        }
        return described.build();
    }

    /** The tensors of the state: names in the graph by name in the contract of bundles. */
    public Map<String, String> tensors() {
        return tensors;
    }

    /** What is left to the row graph, in the order of its features. */
    public List<LeftToRow> leftToRow() {
        return List.copyOf(left);
    }

    /** Width of the features that the graph written so far takes for what it leaves to the row graph. */
    public int features() {
        return features;
    }

    @Override
    public String attend(OnnxGraph graph, String qkv, int heads, int headSize, int window) {
        KeyValueCache before = state.getKeyValueCache();
        int layer = before.getLayers();
        if (layer > 0 && (before.getHeads() != heads || before.getHeadSize() != headSize)) {
            throw new IllegalArgumentException("attention layers of different heads cannot share a cache");
        }
        if (before.getWindowsList().stream().noneMatch(other -> other > 0 == window > 0)) {
            graph.input(named(CachedAttention.prefix(window) + CachedAttention.SEQLENS), DataType.INT32, "batch");
            graph.input(named(CachedAttention.prefix(window) + CachedAttention.TOTAL), DataType.INT32);
        }
        state.setKeyValueCache(before.toBuilder()
                .setLayers(layer + 1)
                .setHeads(heads)
                .setHeadSize(headSize)
                .setPositions(positions)
                .addWindows(window));
        for (String kind : List.of("past_key", "past_value", "present_key", "present_value")) {
            tensors.put(kind + "." + layer, CachedAttention.name(kind, layer));
        }
        return new CachedAttention(headSize).write(graph, qkv, heads, window, layer);
    }

    @Override
    public String attendNearby(OnnxGraph graph, String qkv, int heads, int headSize, Taps.Neighbours neighbours) {
        if (!neighbours.own() || !neighbours.inOrder()) {
            throw new IllegalArgumentException("attention to neighbours in another order than that of positions");
        }
        NearbyAttention attention = new NearbyAttention(heads, headSize);
        attention.ofSteps().forEach(graph::define);
        int memory = remember(attention.memoryWidth(), neighbours);
        String read = read(graph, memory, neighbours.others());
        String mask = masks.computeIfAbsent(neighbours, first -> attention.mask(graph, read));
        String write = written(graph, memory);
        return attention.attend(graph, qkv, read, mask, write);
    }

    @Override
    public String gather(OnnxGraph graph, String x, int width, Taps taps) {
        int memory = remember(width, taps);
        String read = read(graph, memory, taps.others()); // (B, R', C)
        write(graph, memory, x);
        String all = taps.own() ? graph.node("Concat", List.of(read, x), attribute("axis", 1)) : read; // (B, R, C)
        return graph.reshape(all, 0, 1, (long) taps.count() * width);
    }

    @Override
    public String recur(OnnxOps ops, OnnxGraph graph, String x, Recurrence recurrence) {
        if (recurrence.sweep() == Recurrence.Sweep.TO_THE_LEFT) {
            return leave(graph, x, recurrence);
        }
        String input = recurrence.input(ops, x);
        int first = state.getMemoriesCount();
        List<String> read = new ArrayList<>();
        for (Recurrence.Carried carried : recurrence.carried()) {
            int reads = carried.offsets().size();
            int memory = remember(carried.width(), new Taps.Neighbours(recurrence.columns(), carried.offsets(), false));
            read.add(graph.reshape(read(graph, memory, reads), 0, 1, (long) reads * carried.width()));
        }
        List<String> handedOn = recurrence.step(ops, input, read);
        for (int carried = 0; carried < handedOn.size(); carried++) {
            write(graph, first + carried, handedOn.get(carried));
        }
        return handedOn.get(0);
    }

    /** Leaves a recurrence to the row graph, for which it writes x down, and takes its result as a feature. */
    private String leave(OnnxGraph graph, String x, Recurrence recurrence) {
        int memory = remember(recurrence.inputs(), new Taps.Neighbours(recurrence.columns(), List.of(), true));
        write(graph, memory, x);
        int width = recurrence.carried().get(0).width();
        left.add(new LeftToRow(memory, recurrence));
        features += width;
        return graph.slice(FEATURES, -1, features - width, features);
    }

    /** Adds a memory of vectors of this width that steps read at other positions. */
    private int remember(int width, Taps taps) {
        Memory.Builder description = Memory.newBuilder().setWidth(width);
        if (taps instanceof Taps.Lags lags) {
            description.setRing(Ring.newBuilder().addAllLags(lags.lags()));
        } else {
            Taps.Neighbours neighbours = (Taps.Neighbours) taps;
            if (!neighbours.causal()) {
                throw new IllegalArgumentException("a step cannot read neighbours that come after it");
            }
            description.setRowCache(RowCache.newBuilder().addAllOffsets(neighbours.offsets()));
        }
        state.addMemories(description);
        return state.getMemoriesCount() - 1;
    }

    /** What a memory holds of the other positions, (B, reads, C). */
    private String read(OnnxGraph graph, int memory, int reads) {
        int width = state.getMemories(memory).getWidth();
        String read = graph.input("read_" + memory, DataType.FLOAT, "batch", reads, width);
        tensors.put("read." + memory, read);
        return read;
    }

    /** Puts x (B, 1, C) into a memory. */
    private void write(OnnxGraph graph, int memory, String x) {
        String shape = graph.constant(new long[] {-1, state.getMemories(memory).getWidth()}, 2);
        graph.node("", "Reshape", List.of(x, shape), List.of(written(graph, memory)));
    }

    /** Declares what a node puts into a memory, (B, C). */
    private String written(OnnxGraph graph, int memory) {
        String write = "write_" + memory;
        tensors.put("write." + memory, write);
        graph.output(write, DataType.FLOAT, "batch", state.getMemories(memory).getWidth());
        return write;
    }

    private String named(String name) {
        tensors.put(name, name);
        return name;
    }
}
