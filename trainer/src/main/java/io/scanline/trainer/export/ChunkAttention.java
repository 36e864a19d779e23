package io.scanline.trainer.export;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.trainer.onnx.AttributeProto;
import io.scanline.trainer.onnx.NodeProto;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.OnnxGraph;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Attention of one position to those before it, which lie in two parts: the history, which the loop only reads, and the
 * chunk, whose keys and values the loop carries. A loop cannot carry the history: what it carries it copies every time.
 *
 * <p>Scores of both parts stand side by side, so that there is one softmax, in single precision. Products are in 16-bit
 * floats, of a key with the query instead of the other way round: then keys need not be transposed.
 */
final class ChunkAttention {
    /** Operator that it takes the place of. */
    static final String REPLACED = "GroupQueryAttention";

    private static final Set<String> KNOWN = Set.of("num_heads", "kv_num_heads", "local_window_size");
    private static final float NOTHING = -1e30f; // before exp
    /** Place of a key that is none; beyond all positions. */
    private static final long NOWHERE = Long.MAX_VALUE / 2;
    /**
     * The history is made longer to a multiple of this: sums that are made by so many lanes at a time then come out the
     * same however much of the cache is shown.
     */
    private static final long LANES = 16;

    private final OnnxGraph outer;
    private final OnnxGraph body;
    private final KeyValueCache cache;
    private final Map<Long, String> masks = new HashMap<>();
    // Written before the loop.
    private final String slots; // (B, 1), position of the first of the chunk
    private final String places; // (N, 1), 0 to N - 1
    private final String padding; // (B, H, P' - P, D), zeros
    private final String isHistory; // (B, 1, P', 1)
    private final String positions; // (B, 1, 1, P' + N), of the keys
    private final String lengths; // (2): P', N
    private final String scales; // (3 H D), of queries, keys and values
    private final String nothing;
    private final String zero;
    private final String empty;
    // Written in the loop.
    private final String earlier; // (N, 1), what of the chunk was decided before
    private final String own; // (B, 1, 1, 1), the position

    /**
     * Writes what all layers share.
     *
     * @param outer the graph around the loop
     * @param body of the loop
     * @param first name of the first positions, (B)
     * @param history name of the keys of some layer, (B, H, P, D)
     * @param chunk name of something (B, N)
     * @param iteration name of the number of the iteration, (1), in the loop
     */
    ChunkAttention(
            OnnxGraph outer,
            OnnxGraph body,
            KeyValueCache cache,
            String first,
            String history,
            String chunk,
            String iteration) {
        this.outer = outer;
        this.body = body;
        this.cache = cache;
        zero = outer.constant("zero" + OnnxGraph.HALF, DataType.FLOAT16, new byte[Short.BYTES]);
        String shown = outer.node("Shape", List.of(history), attribute("start", 2), attribute("end", 3)); // (1): P
        String lanes = outer.constant(new long[] {LANES}, 1);
        String added = outer.node("Sub", List.of(lanes, outer.node("Mod", List.of(shown, lanes)))); // 1 to LANES
        String known = outer.node("Add", List.of(shown, added)); // (1): P'
        String length = outer.node("Shape", List.of(chunk), attribute("start", 1)); // (1): N
        padding = zeros(chunk, added);
        empty = zeros(chunk, length);
        String past = range(known); // (P')
        String made = range(length); // (N)
        lengths = outer.node("Concat", List.of(known, length), attribute("axis", 0));
        slots = unsqueeze(outer, first, 1);
        places = unsqueeze(outer, made, 1);
        String filled = outer.node("Less", List.of(past, slots)); // (B, P)
        isHistory = unsqueeze(outer, filled, 1, 3);
        String nowhere = outer.constant(new long[] {NOWHERE});
        String all = outer.node(
                "Concat",
                List.of(
                        outer.node("Where", List.of(filled, past, nowhere)),
                        outer.node("Add", List.of(slots, made))),
                attribute("axis", 1));
        positions = unsqueeze(outer, all, 1, 2);
        float[] factors = new float[3 * width()];
        Arrays.fill(factors, 1);
        Arrays.fill(factors, 0, width(), (float) (1 / Math.sqrt(cache.getHeadSize())));
        scales = outer.constant(factors, factors.length);
        nothing = outer.constant(new float[] {NOTHING});
        earlier = body.node("Less", List.of(places, iteration));
        own = unsqueeze(body, body.node("Add", List.of(slots, iteration)), 2, 3);
    }

    private int width() {
        return cache.getHeads() * cache.getHeadSize();
    }

    /** Zeros for this many positions of every slot, (B, H, .., D). */
    private String zeros(String chunk, String length) {
        String batch = outer.node("Shape", List.of(chunk), attribute("end", 1));
        String heads = outer.constant(new long[] {cache.getHeads()}, 1);
        String size = outer.constant(new long[] {cache.getHeadSize()}, 1);
        String shape = outer.node("Concat", List.of(batch, heads, length, size), attribute("axis", 0));
        return outer.node("Expand", List.of(zero, shape));
    }

    private String range(String length) {
        String scalar = outer.node("Squeeze", List.of(length, outer.constant(new long[] {0}, 1)));
        return outer.node(
                "Range", List.of(outer.constant(new long[] {0}), scalar, outer.constant(new long[] {1})));
    }

    private static String unsqueeze(OnnxGraph graph, String x, long... axes) {
        return graph.node("Unsqueeze", List.of(x, graph.constant(axes, axes.length)));
    }

    /** What the loop carries of a layer at first, of keys as of values: (B, H, N, D). */
    String empty() {
        return empty;
    }

    /**
     * What the loop reads of a layer's history.
     *
     * @param keys (B, H, P, D)
     * @param values likewise; what is not known is zero then, since what is there might be no number
     */
    Layer history(String keys, String values, String chunkKeys, String chunkValues) {
        String known = outer.node("Where", List.of(isHistory, padded(values), zero));
        return new Layer(padded(keys), known, chunkKeys, chunkValues);
    }

    private String padded(String past) {
        return outer.node("Concat", List.of(past, padding), attribute("axis", 2));
    }

    /** What of a layer a position reads, and, of the chunk, hands on. */
    record Layer(String pastKeys, String pastValues, String keys, String values) {}

    /** What a layer gives: (B, 1, H D) in 16-bit floats, and keys and values of the chunk with those of the position. */
    record Attended(String mixed, String keys, String values) {}

    /**
     * Writes a layer.
     *
     * @param node of the step
     * @param qkv what it attends with, (B, 1, 3 H D) in single precision
     */
    Attended write(NodeProto node, String qkv, Layer layer) {
        Map<String, Long> attributes = attributes(node);
        int heads = cache.getHeads();
        int size = cache.getHeadSize();
        String scaled = body.node("Mul", List.of(qkv, scales));
        String halves = body.node("Cast", List.of(scaled), attribute("to", DataType.FLOAT16_VALUE));
        List<String> parts = body.split(body.reshape(halves, 0, 3L * heads, 1, size), 1, 3); // (B, H, 1, D)
        // Places from this one on are filled with it; those that come are written over.
        String keys = body.node("Where", List.of(earlier, layer.keys(), parts.get(1)));
        String values = body.node("Where", List.of(earlier, layer.values(), parts.get(2)));
        String query = body.reshape(parts.get(0), 0, heads, size, 1);
        String scores = body.node(
                "Concat",
                List.of(
                        body.node("MatMul", List.of(layer.pastKeys(), query)),
                        body.node("MatMul", List.of(keys, query))),
                attribute("axis", 2)); // (B, H, P' + N, 1)
        String row = body.reshape(
                body.node("Cast", List.of(scores), attribute("to", DataType.FLOAT_VALUE)), 0, heads, 1, -1);
        String masked = body.node("Where", List.of(mask(attributes.getOrDefault("local_window_size", -1L)), row, nothing));
        String weights = body.node(
                "Cast",
                List.of(body.node("Softmax", List.of(masked), attribute("axis", -1))),
                attribute("to", DataType.FLOAT16_VALUE));
        List<String> both = List.of(weights + ".history", weights + ".chunk");
        body.node("", "Split", List.of(weights, lengths), both, attribute("axis", -1));
        String mixed = body.node(
                "Add",
                List.of(mix(both.get(0), layer.pastValues()), mix(both.get(1), values)));
        return new Attended(mixed, keys, values);
    }

    /** Values by their weights, (B, 1, H D). */
    private String mix(String weights, String values) {
        return body.reshape(body.node("MatMul", List.of(weights, values)), 0, 1, width());
    }

    /** Which keys a position sees, (B, 1, 1, P' + N): those up to its own, within the window if there is one. */
    private String mask(long window) {
        return masks.computeIfAbsent(window, size -> {
            String causal = body.node("LessOrEqual", List.of(positions, own));
            if (size < 0) {
                return causal;
            }
            String before = body.node("Sub", List.of(own, body.constant(new long[] {size})));
            return body.node("And", List.of(causal, body.node("Greater", List.of(positions, before))));
        });
    }

    private Map<String, Long> attributes(NodeProto node) {
        Map<String, Long> found = new TreeMap<>();
        for (AttributeProto each : node.getAttributeList()) {
            found.put(each.getName(), each.getI());
        }
        Set<String> unknown = new TreeSet<>(found.keySet());
        unknown.removeAll(KNOWN);
        boolean alike = found.get("num_heads") == cache.getHeads() && found.get("kv_num_heads") == cache.getHeads();
        if (!unknown.isEmpty() || !alike) {
            throw new IllegalArgumentException("attention of " + found + " cannot be made of two parts");
        }
        return found;
    }
}
