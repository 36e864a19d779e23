package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import com.google.protobuf.ByteString;
import io.scanline.trainer.onnx.FunctionProto;
import io.scanline.trainer.onnx.NodeProto;
import io.scanline.trainer.onnx.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Attention to neighbours whose keys and values are read from a memory, as two operators that a model defines itself, so
 * that a graph of windows has the nodes of the graph of steps and other definitions:
 *
 * <pre>  NeighbourMask(read[, source]) = mask          NearbyAttention(qkv, read, mask) = (attended, written)</pre>
 *
 * A remembered vector is the key, the value and a 1: a memory gives zeros outside of the image, so that number tells who
 * is there. The weights exp(score - greatest score) are summed up with the values, by the same product of matrices and in
 * the order of positions: whoever has weight 0 in between changes no bit, and a window may hold what its positions
 * see in one matrix. Products have several rows, heads in a step and positions in a window, since ONNX Runtime adds up
 * otherwise when there is one.
 *
 * @param heads H
 * @param headSize D; keys and values are d = H D wide, a remembered vector C = 2 d + 1
 */
public record NearbyAttention(int heads, int headSize) {
    /** Domain of the operators. */
    public static final String DOMAIN = "scanline";

    /** Name of the operator that says whom a position sees. */
    public static final String MASK = "NeighbourMask";

    private static final String ATTENTION = "NearbyAttention";
    private static final String HEADS = "heads";
    private static final float MASKED = -1e9f;

    /** That of a node, given the width C of the memory which it reads. */
    public static NearbyAttention of(NodeProto node, int memoryWidth) {
        int heads = (int) node.getAttribute(0).getI();
        return new NearbyAttention(heads, (memoryWidth - 1) / 2 / heads);
    }

    private int width() {
        return heads * headSize;
    }

    /** Floats C of a remembered vector. */
    int memoryWidth() {
        return 2 * width() + 1;
    }

    /** Adds the node of a mask, for all layers that see the same neighbours. */
    String mask(OnnxGraph graph, String read) {
        String mask = "mask." + read;
        graph.node(DOMAIN, MASK, List.of(read), List.of(mask), attribute(HEADS, heads));
        return mask;
    }

    /**
     * Adds the node of a layer.
     *
     * @param qkv (B, 1, 3 d), in a window (n, P, 3 d)
     * @param read (B, R, C): what is remembered of R neighbours in the order of positions; in a window (n, Q, C)
     * @param mask (B, 1, R + 1), in a window (n, 1, P, Q + P): added to scores, of those before and then of the own
     * @param written name of the output (B, C): what later steps need of this one; in a window (n P, C)
     * @return (B, 1, d), in a window (n, P, d)
     */
    String attend(OnnxGraph graph, String qkv, String read, String mask, String written) {
        String attended = "attended." + read;
        graph.node(
                DOMAIN, ATTENTION, List.of(qkv, read, mask), List.of(attended, written), attribute(HEADS, heads));
        return attended;
    }

    /** What the operators are in a graph of steps. */
    List<FunctionProto> ofSteps() {
        return List.of(stepMask(), step());
    }

    /** What they are in a graph of windows, where the mask also takes source (n, P, R) as a bundle describes it. */
    public List<FunctionProto> ofWindows() {
        return List.of(windowMask(), window());
    }

    private FunctionProto stepMask() {
        OnnxGraph graph = new OnnxGraph(MASK);
        String all = graph.node("Pad", List.of(isThere(graph), longs(graph, 0, 1), floats(graph, 1), longs(graph, 1)));
        unsqueeze(graph, absence(graph, all), "mask", 1);
        return graph.function(DOMAIN, List.of("read"), List.of("mask"), List.of(HEADS));
    }

    private FunctionProto step() {
        OnnxGraph graph = new OnnxGraph(ATTENTION);
        String own = own(graph);
        String all = graph.node("Concat", List.of("read", own), attribute("axis", 1)); // (B, R + 1, C)
        int rows = Math.max(2, heads);
        float[] ofHead = new float[rows * width()]; // 1 where a number is of a head
        float[] scaled = new float[ofHead.length];
        for (int i = 0; i < ofHead.length; i++) {
            ofHead[i] = i % width() / headSize == i / width() ? 1 : 0;
            scaled[i] = ofHead[i] * scale();
        }
        String queries = graph.node("Mul", List.of("query", graph.constant(scaled, 1, rows, width())));
        String padded = graph.node(
                "Pad", List.of(queries, longs(graph, 0, memoryWidth() - width()), floats(graph, 0), longs(graph, -1)));
        String turned = graph.node("Transpose", List.of(all), attribute("perm", List.of(0L, 2L, 1L)));
        String weights = weights(graph, graph.node("MatMul", List.of(padded, turned))); // (B, H, R + 1)
        String sums = graph.node("MatMul", List.of(weights, all)); // (B, H, C): keys, values, weights
        graph.node(
                "",
                "Split",
                List.of(sums, longs(graph, width(), width(), 1)),
                List.of("keys", "values", "total"),
                attribute("axis", -1));
        String each = graph.node("Div", List.of("values", "total"));
        String chosen = graph.node("Mul", List.of(each, graph.constant(ofHead, 1, rows, width())));
        graph.node("", "ReduceSum", List.of(chosen, longs(graph, 1)), List.of("attended"), attribute("keepdims", 1));
        return graph.function(DOMAIN, List.of("qkv", "read", "mask"), List.of("attended", "written"), List.of(HEADS));
    }

    /** 0 for those whom a position sees, by their place in read and then in the window. */
    private FunctionProto windowMask() {
        OnnxGraph graph = new OnnxGraph(MASK);
        String windows = graph.node("Shape", List.of("source"), attribute("end", 2)); // n, P
        String positions = graph.node("Shape", List.of("source"), attribute("start", 1), attribute("end", 2));
        String vectors = graph.node("Shape", List.of("read"), attribute("start", 1), attribute("end", 2));
        String places = graph.node("Add", List.of(vectors, positions)); // Q + P
        String range = graph.node(
                "Range",
                List.of(
                        graph.constant(new long[] {0}),
                        graph.node("Squeeze", List.of(positions)),
                        graph.constant(new long[] {1})));
        String shape = graph.node("Concat", List.of(windows, longs(graph, 1)), attribute("axis", 0));
        String column = graph.node("Unsqueeze", List.of(range, longs(graph, 1)));
        String self = graph.node("Expand", List.of(column, shape)); // (n, P, 1)
        String seen = graph.node("Concat", List.of("source", self), attribute("axis", 2)); // of this run, then read
        String place = graph.node("Mod", List.of(graph.node("Add", List.of(seen, vectors)), places));
        String all = graph.node("Concat", List.of(windows, places), attribute("axis", 0));
        String nobody = graph.node("ConstantOfShape", List.of(all), attribute("value", tensor(MASKED)));
        String zeros = graph.node("ConstantOfShape", List.of(graph.node("Shape", List.of(place))));
        String somebody = graph.node("ScatterElements", List.of(nobody, place, zeros), attribute("axis", 2));
        String there = graph.node(
                "Pad",
                List.of(
                        absence(graph, isThere(graph)), // (n, Q)
                        graph.node("Concat", List.of(longs(graph, 0), positions), attribute("axis", 0)),
                        "",
                        longs(graph, 1)));
        String absence = graph.node("Unsqueeze", List.of(there, longs(graph, 1)));
        unsqueeze(graph, graph.node("Add", List.of(somebody, absence)), "mask", 1);
        return graph.function(DOMAIN, List.of("read", "source"), List.of("mask"), List.of(HEADS));
    }

    private FunctionProto window() {
        OnnxGraph graph = new OnnxGraph(ATTENTION);
        String all = graph.node("Concat", List.of("read", own(graph)), attribute("axis", 1)); // (n, N, C), N = Q + P
        String scaled = graph.node("Mul", List.of("query", floats(graph, scale())));
        String queries = heads(graph, scaled, 0L, 2L, 1L, 3L); // (n, H, P, D)
        String keys = heads(graph, graph.slice(all, -1, 0, width()), 0L, 2L, 3L, 1L); // (n, H, D, N)
        String values = heads(graph, graph.slice(all, -1, width(), 2L * width()), 0L, 2L, 1L, 3L);
        String counted = graph.node(
                "Pad", List.of(values, longs(graph, 0, 1), floats(graph, 1), longs(graph, -1))); // (n, H, N, D + 1)
        String weights = weights(graph, graph.node("MatMul", List.of(queries, keys))); // (n, H, P, N)
        String sums = graph.node("MatMul", List.of(weights, counted));
        graph.node(
                "",
                "Split",
                List.of(sums, longs(graph, headSize, 1)),
                List.of("values", "total"),
                attribute("axis", -1));
        String each = graph.node("Div", List.of("values", "total"));
        String beside = graph.node("Transpose", List.of(each), attribute("perm", List.of(0L, 2L, 1L, 3L)));
        graph.node("", "Reshape", List.of(beside, longs(graph, 0, 0, width())), List.of("attended"));
        return graph.function(DOMAIN, List.of("qkv", "read", "mask"), List.of("attended", "written"), List.of(HEADS));
    }

    /** Gives the query its name, and what is remembered, and returns that of every position. */
    private String own(OnnxGraph graph) {
        graph.node(
                "",
                "Split",
                List.of("qkv", longs(graph, width(), 2L * width())),
                List.of("query", "remembered"),
                attribute("axis", -1));
        String own = graph.node(
                "Pad", List.of("remembered", longs(graph, 0, 1), floats(graph, 1), longs(graph, -1)));
        graph.node("", "Reshape", List.of(own, longs(graph, -1, memoryWidth())), List.of("written"));
        return own;
    }

    private static String weights(OnnxGraph graph, String scores) {
        String masked = graph.node("Add", List.of(scores, "mask"));
        String greatest = graph.node("ReduceMax", List.of(masked, longs(graph, -1)), attribute("keepdims", 1));
        return graph.node("Exp", List.of(graph.node("Sub", List.of(masked, greatest))));
    }

    /** Which vectors of read are there: 1 or 0. */
    private String isThere(OnnxGraph graph) {
        String last = graph.constant(new long[] {memoryWidth() - 1});
        return graph.node("Gather", List.of("read", last), attribute("axis", 2));
    }

    private static String absence(OnnxGraph graph, String isThere) {
        String absent = graph.node("Sub", List.of(floats(graph, 1), isThere));
        return graph.node("Mul", List.of(absent, floats(graph, MASKED)));
    }

    private String heads(OnnxGraph graph, String x, Long... order) {
        return graph.node(
                "Transpose", List.of(graph.reshape(x, 0, 0, heads, headSize)), attribute("perm", List.of(order)));
    }

    private float scale() {
        return (float) (1 / Math.sqrt(headSize));
    }

    private static void unsqueeze(OnnxGraph graph, String x, String name, long axis) {
        graph.node("", "Unsqueeze", List.of(x, longs(graph, axis)), List.of(name));
    }

    private static String longs(OnnxGraph graph, long... values) {
        return graph.constant(values, values.length);
    }

    private static String floats(OnnxGraph graph, float value) {
        return graph.constant(new float[] {value});
    }

    private static TensorProto tensor(float value) {
        ByteBuffer raw = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, value);
        return TensorProto.newBuilder()
                .addDims(1)
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .setRawData(ByteString.copyFrom(raw))
                .build();
    }
}
