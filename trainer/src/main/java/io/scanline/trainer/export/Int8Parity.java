package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.trainer.onnx.AttributeProto;
import io.scanline.trainer.onnx.ModelProto;
import io.scanline.trainer.onnx.NodeProto;
import io.scanline.trainer.onnx.TensorProto;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.OnnxGraph;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether products and attention of a graph in 8-bit integers are what they are meant to be: each is computed again in double
 * precision from what it was given in a run. The graph as a whole cannot be compared so: a rounding that falls on the other side
 * changes all that follows by about as much as the integers do.
 */
final class Int8Parity implements AutoCloseable {
    private static final int ROWS = 8; // of products, spread over the positions
    private static final double ROUNDING = 1e-4;

    private final ModelProto model;
    private final Map<String, TensorProto> constants = new HashMap<>();
    private final Map<String, HostTensor> watched = new HashMap<>();
    private final KeyValueCache cache;
    private final StepSession session;
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
        int width = cache.getHeads() * cache.getHeadSize();
        ModelProto.Builder watching = model.toBuilder();
        for (NodeProto node : model.getGraph().getNodeList()) {
            if (node.getOpType().equals(Int8Graph.PRODUCT)) {
                watch(watching, node.getInput(0), number(node, "K"));
                watch(watching, node.getOutput(0), number(node, "N"));
            } else if (node.getOpType().equals(Int8Graph.ATTENTION)) {
                watch(watching, node.getInput(0), 3L * width);
                watch(watching, node.getOutput(0), width);
            }
        }
        Map<String, byte[]> files = new HashMap<>(stored.graphs());
        files.put(step.getFile(), watching.build().toByteArray());
        session = new StepSession(new StoredBundle(stored.bundle(), files), 1, conditions);
    }

    private void watch(ModelProto.Builder watching, String name, long width) throws OrtException {
        if (watched.containsKey(name)) {
            return;
        }
        watched.put(name, HostTensor.ofFloats(1, positions, width));
        if (watching.getGraph().getOutputList().stream().noneMatch(output -> output.getName().equals(name))) {
            watching.getGraphBuilder()
                    .addOutput(OnnxGraph.value(name, DataType.FLOAT, StepGraph.BATCH, StepGraph.POSITIONS, width));
        }
    }

    /**
     * Runs the first positions of an image.
     *
     * @return the largest difference as a share of the allowed one
     */
    double largest(byte[] image, int label) throws OrtException {
        session.watch(watched);
        session.logits(List.of(image), new int[] {label}, 0, positions);
        double largest = 0;
        int layer = 0;
        for (NodeProto node : model.getGraph().getNodeList()) {
            if (node.getOpType().equals(Int8Graph.PRODUCT)) {
                largest = Math.max(largest, product(node));
            } else if (node.getOpType().equals(Int8Graph.ATTENTION)) {
                largest = Math.max(largest, attention(node, layer++));
            }
        }
        return largest;
    }

    /** A number that the two sides round to different sides is one step away. */
    private double product(NodeProto node) {
        BlockMatrix matrix = new BlockMatrix(
                (int) number(node, "K"),
                (int) number(node, "N"),
                constants.get(node.getInput(1)).getRawData().toByteArray(),
                floats(constants.get(node.getInput(2))));
        float[] given = numbers(node.getInput(0));
        float[] found = numbers(node.getOutput(0));
        double largest = 0;
        for (int row = 0; row < positions; row += Math.max(1, positions / ROWS)) {
            double[] expected = matrix.times(given, row * matrix.rows());
            double step = 0;
            for (int block = 0; block < matrix.blocks(); block++) {
                step = Math.max(step, matrix.scale(given, row * matrix.rows(), block));
            }
            for (int n = 0; n < expected.length; n++) {
                double heaviest = 0;
                for (int k = 0; k < matrix.rows(); k++) {
                    heaviest = Math.max(heaviest, Math.abs(matrix.value(k, n)));
                }
                double allowed = ROUNDING * (1 + Math.abs(expected[n])) + step * heaviest;
                largest = larger(largest, Math.abs(expected[n] - found[row * expected.length + n]) / allowed);
            }
        }
        return largest;
    }

    private double attention(NodeProto node, int layer) {
        int size = cache.getHeadSize();
        int heads = cache.getHeads();
        int window = (int) number(node, "local_window_size");
        float[] given = numbers(node.getInput(0));
        float[] found = numbers(node.getOutput(0));
        KeyValueState state = session.cache().orElseThrow();
        double[][] keys = cached(state, "key", layer, floats(constants.get(node.getInput(Int8Graph.SINKS + 1))));
        double[][] values = cached(state, "value", layer, floats(constants.get(node.getInput(Int8Graph.SINKS + 2))));
        double largest = Math.max(
                rounded(given, heads * size, keys, node.getInput(Int8Graph.SINKS + 1)),
                rounded(given, 2 * heads * size, values, node.getInput(Int8Graph.SINKS + 2)));
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
    private double rounded(float[] given, int offset, double[][] cached, String scales) {
        float[] steps = floats(constants.get(scales));
        double largest = 0;
        for (int position = 0; position < positions; position++) {
            for (int channel = 0; channel < steps.length; channel++) {
                double step = steps[channel];
                double number = given[position * 3 * steps.length + offset + channel];
                double kept = Math.max(Byte.MIN_VALUE * step, Math.min(Byte.MAX_VALUE * step, number));
                double difference = Math.abs(kept - cached[position][channel]);
                largest = larger(largest, difference / (step * (0.5 + ROUNDING * Byte.MAX_VALUE)));
            }
        }
        return largest;
    }

    /** What a layer's cache stands for, (S, H D). */
    private double[][] cached(KeyValueState state, String kind, int layer, float[] scales) {
        ByteBuffer bytes = state.cached(kind, layer).bytes(); // (H, T, D)
        int size = cache.getHeadSize();
        double[][] numbers = new double[positions][scales.length];
        for (int position = 0; position < positions; position++) {
            for (int channel = 0; channel < scales.length; channel++) {
                int at = (channel / size * cache.getPositions() + position) * size + channel % size;
                numbers[position][channel] = bytes.get(at) * (double) scales[channel];
            }
        }
        return numbers;
    }

    private static double larger(double largest, double other) {
        return other <= largest ? largest : other; // lets NaN through
    }

    private float[] numbers(String name) {
        FloatBuffer buffer = watched.get(name).floats();
        float[] numbers = new float[buffer.remaining()];
        buffer.get(numbers);
        return numbers;
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
        new ArrayList<>(watched.values()).forEach(HostTensor::close);
        session.close();
    }
}
