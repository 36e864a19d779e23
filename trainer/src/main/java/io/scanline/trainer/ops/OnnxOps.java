package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes down the ONNX graph of a network. Matrices and tables are stored in half precision, so parity holds with a
 * network whose parameters were rounded likewise.
 */
public final class OnnxOps implements Ops<String> {
    /**
     * A learned tensor as plain numbers.
     *
     * @param shape its dimensions
     * @param values in row-major order
     */
    public record Values(long[] shape, float[] values) {}

    /** How a graph reaches other positions than the own one: what differs between a whole image, a step and a row. */
    public interface Positions {
        /** Writes down a layer of causal attention; see {@link Ops#causalAttention}. */
        String attend(OnnxGraph graph, String qkv, int heads, int headSize, int window);

        /** Writes down a layer of attention to neighbours; see {@link Ops#neighbourAttention}. */
        String attendNearby(OnnxGraph graph, String qkv, int heads, int headSize, Taps.Neighbours neighbours);

        /**
         * Writes down what a convolution reads, others than the own position among it.
         *
         * @param x (B, S, C)
         * @param width C
         * @return name of the tapped positions side by side, (B, S, R C)
         */
        String gather(OnnxGraph graph, String x, int width, Taps taps);

        /** Writes down a recurrence; see {@link Ops#recur}. */
        String recur(OnnxOps ops, OnnxGraph graph, String x, Recurrence recurrence);
    }

    /** Keeps the names of parameters apart from those of inputs and outputs. */
    static final String PREFIX = "parameter.";

    private final OnnxGraph graph;
    private final Map<String, Values> parameters;
    private final Positions positions;
    private final Map<String, String> written = new HashMap<>();

    /** Writes into a graph, with these parameters and this way to reach other positions. */
    public OnnxOps(OnnxGraph graph, Map<String, Values> parameters, Positions positions) {
        this.graph = graph;
        this.parameters = parameters;
        this.positions = positions;
    }

    @Override
    public String parameter(String name) {
        return written.computeIfAbsent(name, this::write);
    }

    private String write(String name) {
        Values parameter = parameters.get(name);
        if (parameter == null) {
            throw new IllegalArgumentException("no parameter named " + name);
        }
        return parameter.shape().length == 1
                ? graph.constant(PREFIX + name, parameter.values(), parameter.shape())
                : graph.halfConstant(PREFIX + name, parameter.values(), parameter.shape());
    }

    @Override
    public String constant(float[] values, long... shape) {
        return graph.constant(values, shape);
    }

    @Override
    public String add(String a, String b) {
        return graph.node("Add", List.of(a, b));
    }

    @Override
    public String subtract(String a, String b) {
        return graph.node("Sub", List.of(a, b));
    }

    @Override
    public String multiply(String a, String b) {
        return graph.node("Mul", List.of(a, b));
    }

    @Override
    public String linear(String x, String weight, String bias) {
        return add(matmul(x, weight), bias);
    }

    @Override
    public String matmul(String x, String weight) {
        return graph.node("MatMul", List.of(x, weight));
    }

    @Override
    public String exactMatmul(String a, String b) {
        return matmul(a, b);
    }

    @Override
    public String power(String x, float exponent) {
        return graph.node("Pow", List.of(x, number(exponent)));
    }

    @Override
    public String embed(String table, String indices) {
        return graph.node("Gather", List.of(table, indices));
    }

    @Override
    public String embedSum(String tables, String indices) {
        long[] shape = shape(tables); // (K, n, d)
        long[] first = new long[(int) shape[0]]; // first row of every table in all of them stacked
        for (int k = 0; k < first.length; k++) {
            first[k] = k * shape[1];
        }
        String rows = graph.node("Add", List.of(indices, graph.constant(first, first.length)));
        String stacked = graph.reshape(tables, -1, shape[2]);
        String gathered = graph.node("Gather", List.of(stacked, rows)); // (B, S, K, d)
        // A product with ones and not ReduceSum, which adds in another order for a batch of one than for others.
        float[] ones = new float[first.length];
        Arrays.fill(ones, 1);
        String sum = graph.node("MatMul", List.of(graph.constant("ones." + tables, ones, 1, ones.length), gathered));
        return graph.node("Squeeze", List.of(sum, graph.constant(new long[] {2}, 1)));
    }

    @Override
    public String quotient(String indices, long divisor) {
        return graph.node("Div", List.of(indices, graph.constant(new long[] {divisor})));
    }

    @Override
    public String remainder(String indices, long divisor) {
        return graph.node("Mod", List.of(indices, graph.constant(new long[] {divisor})));
    }

    @Override
    public String below(String indices, long bound, String some, String others) {
        String chosen = graph.node("Less", List.of(indices, graph.constant(new long[] {bound})));
        return graph.node("Where", List.of(chosen, some, others));
    }

    @Override
    public String unsqueeze(String x, int dimension) {
        return graph.node("Unsqueeze", List.of(x, graph.constant(new long[] {dimension}, 1)));
    }

    @Override
    public String reshape(String x, long... shape) {
        return graph.node("Reshape", List.of(x, graph.constant(shape, shape.length)));
    }

    @Override
    public String narrow(String x, int dimension, int start, int length) {
        return graph.node(
                "Slice",
                List.of(
                        x,
                        graph.constant(new long[] {start}, 1),
                        graph.constant(new long[] {start + length}, 1),
                        graph.constant(new long[] {dimension}, 1)));
    }

    @Override
    public String permute(String x, int... order) {
        return graph.node(
                "Transpose",
                List.of(x),
                attribute("perm", Arrays.stream(order).asLongStream().boxed().toList()));
    }

    @Override
    public String conv2d(String x, String weight, String bias, int stride, int padding) {
        return convolution("Conv", List.of(x, weight, bias), stride, padding);
    }

    @Override
    public String convTranspose2d(String x, String weight, String bias, int stride, int padding) {
        return convolution("ConvTranspose", List.of(x, weight, bias), stride, padding);
    }

    private String convolution(String operator, List<String> inputs, long stride, long padding) {
        return graph.node(
                operator,
                inputs,
                attribute("strides", List.of(stride, stride)),
                attribute("pads", List.of(padding, padding, padding, padding)));
    }

    @Override
    public String relu(String x) {
        return graph.node("Relu", List.of(x));
    }

    @Override
    public String leakyRelu(String x, float slope) {
        return graph.node("LeakyRelu", List.of(x), attribute("alpha", slope));
    }

    @Override
    public String sigmoid(String x) {
        return graph.node("Sigmoid", List.of(x));
    }

    @Override
    public String tanh(String x) {
        return graph.node("Tanh", List.of(x));
    }

    @Override
    public String round(String x) {
        return graph.node("Round", List.of(x));
    }

    @Override
    public String straightThrough(String value, String source) {
        return value;
    }

    @Override
    public String nearest(String x, String codebook) {
        String lengths = graph.node(
                "ReduceSum",
                List.of(multiply(codebook, codebook), graph.constant(new long[] {1}, 1)),
                attribute("keepdims", 0)); // (K)
        String products = graph.node("MatMul", List.of(x, permute(codebook, 1, 0))); // (.., K)
        String distances = subtract(lengths, multiply(products, constant(new float[] {2})));
        return graph.node("ArgMin", List.of(distances), attribute("axis", -1), attribute("keepdims", 0));
    }

    @Override
    public String dropout(String x) {
        return x;
    }

    @Override
    public String jitter(String x, String by, float most) {
        return x;
    }

    @Override
    public String gelu(String x) {
        return graph.node("Gelu", List.of(x), attribute("approximate", "tanh"));
    }

    @Override
    public String concatenate(List<String> parts) {
        return graph.node("Concat", parts, attribute("axis", -1));
    }

    @Override
    public List<String> split(String x, int parts, int width) {
        return graph.split(x, -1, parts);
    }

    @Override
    public Normalised<String> addLayerNorm(String x, String residual, String gain, String bias) {
        // Much cheaper on CPU than LayerNormalization after Add.
        String normalised = "normalised." + gain;
        String sum = "sum." + gain;
        graph.node(
                OnnxGraph.MICROSOFT,
                "SkipLayerNormalization",
                List.of(x, residual, gain, bias),
                List.of(normalised, "", "", sum),
                attribute("epsilon", LAYER_NORM_EPSILON));
        return new Normalised<>(sum, normalised);
    }

    @Override
    public String prepend(String row, String x) {
        long width = shape(row)[0];
        String batch = graph.node("Shape", List.of(x), attribute("end", 1));
        String shape = graph.node(
                "Concat", List.of(batch, graph.constant(new long[] {1, width}, 2)), attribute("axis", 0)); // B, 1, d
        return graph.node("Concat", List.of(graph.node("Expand", List.of(row, shape)), x), attribute("axis", 1));
    }

    @Override
    public String last(String x, String lengths) {
        String index = graph.node("Sub", List.of(lengths, graph.constant(new long[] {1}, 1)));
        return graph.node("GatherND", List.of(x, unsqueeze(index, 1)), attribute("batch_dims", 1));
    }

    @Override
    public String normalise(String x) {
        return graph.node("LpNormalization", List.of(x), attribute("axis", -1), attribute("p", 2));
    }

    @Override
    public String attention(String qkv, int heads, int headSize) {
        return FullAttention.mutual(graph, qkv, heads, headSize);
    }

    @Override
    public String causalAttention(String qkv, int heads, int headSize, int window) {
        return positions.attend(graph, qkv, heads, headSize, window);
    }

    @Override
    public String neighbourAttention(String qkv, int heads, int headSize, Taps.Neighbours neighbours) {
        return positions.attendNearby(graph, qkv, heads, headSize, neighbours);
    }

    @Override
    public String convolve(String x, String weight, String bias, Taps taps) {
        long[] shape = shape(weight); // (R, C, D)
        if (shape[0] != taps.count()) {
            throw new IllegalArgumentException(shape[0] + " weights for " + taps.count() + " taps");
        }
        String matrix = graph.reshape(weight, shape[0] * shape[1], shape[2]);
        String read = taps.others() == 0 ? x : positions.gather(graph, x, (int) shape[1], taps);
        return linear(read, matrix, bias);
    }

    @Override
    public String recur(String x, Recurrence recurrence) {
        return positions.recur(this, graph, x, recurrence);
    }

    /** Shape of a parameter, by the name it has in the graph. */
    private long[] shape(String parameter) {
        return parameters.get(parameter.substring(PREFIX.length())).shape();
    }
}
