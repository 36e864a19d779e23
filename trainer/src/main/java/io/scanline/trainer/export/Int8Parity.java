package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.trainer.onnx.AttributeProto;
import io.scanline.trainer.onnx.ModelProto;
import io.scanline.trainer.onnx.NodeProto;
import io.scanline.trainer.onnx.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * Whether products and attention of a graph in 8-bit integers are what they are meant to be: each is computed again in double
 * precision from what it was given in a run. The graph as a whole cannot be compared so: a rounding that falls on the other side
 * changes all that follows by about as much as the integers do.
 */
final class Int8Parity implements AutoCloseable {
    private static final int ROWS = 8; // of products, spread over the positions
    private static final double ROUNDING = 1e-4;
    private static final int BIAS = 6; // place among the inputs of a product

    private final ModelProto model;
    private final Map<String, TensorProto> constants = new HashMap<>();
    /** Nodes that write activations as bytes, by the name of these. */
    private final Map<String, NodeProto> roundings = new HashMap<>();

    private final KeyValueCache cache;
    private final WatchedSteps steps;
    private final int positions;

    /**
     * Watches all products and layers of attention.
     *
     * @param stored a bundle whose steps are in 8-bit integers
     * @param positions that are run at once
     */
    Int8Parity(StoredBundle stored, Conditions conditions, int positions) throws IOException, OrtException {
        this.positions = positions;
        Graph step = stored.required(StepGraph.ROLE);
        cache = step.getState().getKeyValueCache();
        model = ModelProto.parseFrom(stored.onnx(step));
        model.getGraph().getInitializerList().forEach(constant -> constants.put(constant.getName(), constant));
        model.getGraph().getNodeList().stream()
                .filter(node -> node.getOpType().equals(Int8Graph.ROUNDING))
                .forEach(node -> roundings.put(node.getOutput(0), node));
        long width = (long) cache.getHeads() * cache.getHeadSize();
        Map<String, Long> widths = new HashMap<>();
        for (NodeProto node : model.getGraph().getNodeList()) {
            if (node.getOpType().equals(Int8Graph.PRODUCT)) {
                TensorProto weights = constants.get(node.getInput(1));
                widths.put(rounding(node).getInput(0), weights.getDims(0));
                widths.put(node.getOutput(0), weights.getDims(1));
            } else if (node.getOpType().equals(Int8Graph.ATTENTION)) {
                widths.put(node.getInput(0), 3 * width);
                widths.put(node.getOutput(0), width);
            }
        }
        steps = new WatchedSteps(stored, conditions, positions, widths);
    }

    private NodeProto rounding(NodeProto product) {
        return roundings.get(product.getInput(0));
    }

    /**
     * Runs the first positions of an image.
     *
     * @return the largest difference as a share of the allowed one
     */
    double largest(byte[] image, int label) throws OrtException {
        steps.run(image, label);
        double largest = 0;
        int layer = 0;
        for (NodeProto node : model.getGraph().getNodeList()) {
            if (node.getOpType().equals(Int8Graph.PRODUCT)) {
                largest = larger(largest, product(node));
            } else if (node.getOpType().equals(Int8Graph.ATTENTION)) {
                largest = larger(largest, attention(node, layer++));
            }
        }
        return largest;
    }

    /** Activations in the middle between two bytes, nearly, may have become either. */
    private double product(NodeProto node) {
        NodeProto rounding = rounding(node);
        ByteRange range = new ByteRange(
                floats(constants.get(rounding.getInput(1)))[0],
                constants.get(rounding.getInput(2)).getRawData().byteAt(0) & 0xFF);
        TensorProto weights = constants.get(node.getInput(1));
        ColumnMatrix matrix = new ColumnMatrix(
                (int) weights.getDims(0),
                (int) weights.getDims(1),
                weights.getRawData().toByteArray(),
                floats(constants.get(node.getInput(3))));
        String vector = node.getInput(BIAS);
        float[] bias = vector.isEmpty() ? new float[matrix.columns()] : floats(constants.get(vector));
        float[] given = steps.numbers(rounding.getInput(0));
        float[] found = steps.numbers(node.getOutput(0));
        double largest = 0;
        for (int row = 0; row < positions; row += Math.max(1, positions / ROWS)) {
            double[] x = new double[matrix.rows()];
            double[] either = new double[matrix.columns()];
            for (int k = 0; k < x.length; k++) {
                float number = given[row * x.length + k];
                x[k] = range.nearest(number);
                for (int n = 0; n < either.length && range.isBetween(number); n++) {
                    either[n] += range.step() * Math.abs(matrix.value(k, n));
                }
            }
            double[] expected = matrix.times(x);
            for (int n = 0; n < expected.length; n++) {
                double sum = expected[n] + bias[n];
                double allowed = ROUNDING * (1 + Math.abs(sum)) + either[n];
                largest = larger(largest, Math.abs(sum - found[row * expected.length + n]) / allowed);
            }
        }
        return largest;
    }

    private double attention(NodeProto node, int layer) {
        int size = cache.getHeadSize();
        int heads = cache.getHeads();
        int window = (int) number(node, "local_window_size");
        float[] given = steps.numbers(node.getInput(0));
        float[] found = steps.numbers(node.getOutput(0));
        KeyValueState state = steps.cache();
        double keyStep = floats(constants.get(node.getInput(Int8Graph.SINKS + 1)))[0];
        double valueStep = floats(constants.get(node.getInput(Int8Graph.SINKS + 2)))[0];
        double[][] keys = cached(state, "key", layer, keyStep);
        double[][] values = cached(state, "value", layer, valueStep);
        double largest = Math.max(
                rounded(given, heads * size, keys, keyStep), rounded(given, 2 * heads * size, values, valueStep));
        for (int position = 0; position < positions; position++) {
            int first = window < 0 ? 0 : Math.max(0, position + 1 - window);
            for (int head = 0; head < heads; head++) {
                int query = position * 3 * heads * size + head * size;
                double[] weights = new double[position + 1];
                double sum = 0;
                for (int other = first; other <= position; other++) {
                    double score = 0;
                    for (int d = 0; d < size; d++) {
                        score += given[query + d] * keys[other][head * size + d];
                    }
                    weights[other] = Math.exp(score / Math.sqrt(size));
                    sum += weights[other];
                }
                for (int d = 0; d < size; d++) {
                    double mixed = 0;
                    for (int other = first; other <= position; other++) {
                        mixed += weights[other] / sum * values[other][head * size + d];
                    }
                    double difference = Math.abs(mixed - found[(position * heads + head) * size + d]);
                    largest = larger(largest, difference / (ROUNDING * (1 + Math.abs(mixed))));
                }
            }
        }
        return largest;
    }

    /** What is cached against what was given, as a share of a step and some rounding; what is beyond the largest is cut off. */
    private double rounded(float[] given, int offset, double[][] cached, double step) {
        int width = cache.getHeads() * cache.getHeadSize();
        double largest = 0;
        for (int position = 0; position < positions; position++) {
            for (int channel = 0; channel < width; channel++) {
                double number = given[position * 3 * width + offset + channel];
                double kept = Math.max(Byte.MIN_VALUE * step, Math.min(Byte.MAX_VALUE * step, number));
                double difference = Math.abs(kept - cached[position][channel]);
                largest = larger(largest, difference / (step * (0.5 + ROUNDING * Byte.MAX_VALUE)));
            }
        }
        return largest;
    }

    /** What a layer's cache stands for, (S, H D). */
    private double[][] cached(KeyValueState state, String kind, int layer, double step) {
        ByteBuffer bytes = state.cached(kind, layer).bytes(); // (H, T, D)
        int size = cache.getHeadSize();
        double[][] numbers = new double[positions][cache.getHeads() * size];
        for (int position = 0; position < positions; position++) {
            for (int channel = 0; channel < cache.getHeads() * size; channel++) {
                int at = (channel / size * cache.getPositions() + position) * size + channel % size;
                numbers[position][channel] = bytes.get(at) * step;
            }
        }
        return numbers;
    }

    private static double larger(double largest, double other) {
        return other <= largest ? largest : other; // lets NaN through
    }

    private static long number(NodeProto node, String attribute) {
        return node.getAttributeList().stream()
                .filter(each -> each.getName().equals(attribute))
                .mapToLong(AttributeProto::getI)
                .findFirst()
                .orElseThrow();
    }

    private static float[] floats(TensorProto constant) {
        ByteBuffer raw = constant.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        float[] numbers = new float[raw.remaining() / Float.BYTES];
        raw.asFloatBuffer().get(numbers);
        return numbers;
    }

    @Override
    public void close() throws OrtException {
        steps.close();
    }
}
