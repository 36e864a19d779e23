package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.bundle.v1.Memory;
import io.scanline.bundle.v1.Ring;
import io.scanline.bundle.v1.RowCache;
import io.scanline.bundle.v1.State;
import io.scanline.trainer.onnx.TensorProto.DataType;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One position of every slot at a time, what it needs of earlier ones being state of the graph: keys and values of
 * attention layers, and memories that every step writes and later steps read. Notes the state as a bundle describes it.
 */
public final class CachedStep implements OnnxOps.Positions {
    private final int positions;
    private final State.Builder state = State.newBuilder();
    private final Map<String, String> tensors = new TreeMap<>();

    /** Steps of images of this many positions. */
    public CachedStep(int positions) {
        this.positions = positions;
    }

    /** The state that the graph written so far has. */
    public State state() {
        return state.build();
    }

    /** The tensors of the state: names in the graph by name in the contract of bundles. */
    public Map<String, String> tensors() {
        return tensors;
    }

    @Override
    public String attend(OnnxGraph graph, String qkv, int heads, int headSize, int window) {
        KeyValueCache before = state.getKeyValueCache();
        int layer = before.getLayers();
        KeyValueCache cache = KeyValueCache.newBuilder()
                .setLayers(layer + 1)
                .setHeads(heads)
                .setHeadSize(headSize)
                .setPositions(positions)
                .build();
        if (layer == 0) {
            graph.input(named("seqlens"), DataType.INT32, "batch");
            graph.input(named("total"), DataType.INT32);
        } else if (!before.equals(cache.toBuilder().setLayers(layer).build())) {
            throw new IllegalArgumentException("attention layers of different heads cannot share a cache");
        }
        state.setKeyValueCache(cache);
        for (String kind : List.of("past_key", "past_value", "present_key", "present_value")) {
            tensors.put(kind + "." + layer, CachedAttention.name(kind, layer));
        }
        return new CachedAttention(headSize, "seqlens", "total").write(graph, qkv, heads, window, layer);
    }

    @Override
    public String gather(OnnxGraph graph, String x, int width, Taps taps) {
        if (taps.others() == 0) {
            return x;
        }
        String read = remember(graph, x, width, taps); // (B, R', C)
        String all = taps.own() ? graph.node("Concat", List.of(read, x), attribute("axis", 1)) : read; // (B, R, C)
        return graph.reshape(all, 0, 1, (long) taps.count() * width);
    }

    /**
     * Adds a memory of a vector x (B, 1, C).
     *
     * @return what it holds of the other positions, (B, R', C)
     */
    private String remember(OnnxGraph graph, String x, int width, Taps taps) {
        int memory = state.getMemoriesCount();
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
        String read = "read_" + memory;
        String write = "write_" + memory;
        tensors.put("read." + memory, graph.input(read, DataType.FLOAT, "batch", taps.others(), width));
        tensors.put("write." + memory, write);
        String shape = graph.constant(new long[] {-1, width}, 2);
        graph.node("", "Reshape", List.of(x, shape), List.of(write));
        graph.output(write, DataType.FLOAT, "batch", width);
        return read;
    }

    private String named(String name) {
        tensors.put(name, name);
        return name;
    }
}
