package io.scanline.trainer.export;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.scanline.trainer.onnx.GraphProto;
import io.scanline.trainer.onnx.ModelProto;
import io.scanline.trainer.onnx.NodeProto;
import io.scanline.trainer.onnx.TensorProto;
import io.scanline.trainer.onnx.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/**
 * Steps in fp32 whose keys reach as far in every channel of a layer, and whose values do, so that one scale of bytes serves
 * them all: ONNX Runtime attends to such bytes quicker than to those with a scale for every channel. What is computed stays:
 * by what a channel of keys is multiplied, that of queries is divided, and for one of values a row of the matrix which
 * follows attention (as Xiao et al. 2022, "SmoothQuant", equation 3, do between activations and weights).
 */
final class EvenChannels {
    private final ConstantProducts products;
    private final Map<String, TensorProto> changed = new HashMap<>();

    private EvenChannels(GraphProto step) {
        products = new ConstantProducts(step);
    }

    /**
     * Makes them.
     *
     * @param onnx content of the file of a graph with a KV cache, in fp32
     * @param found what was cached in runs of it
     */
    static byte[] of(byte[] onnx, CacheScales found) throws InvalidProtocolBufferException {
        ModelProto model = ModelProto.parseFrom(onnx);
        EvenChannels channels = new EvenChannels(model.getGraph());
        int layer = 0;
        for (NodeProto node : model.getGraph().getNodeList()) {
            if (node.getOpType().equals(Int8Graph.ATTENTION)) {
                channels.even(node, found, layer++);
            }
        }
        GraphProto.Builder graph = model.getGraph().toBuilder().clearInitializer();
        model.getGraph().getInitializerList().forEach(constant ->
                graph.addInitializer(channels.changed.getOrDefault(constant.getName(), constant)));
        return model.toBuilder().setGraph(graph).build().toByteArray();
    }

    private void even(NodeProto attention, CacheScales found, int layer) {
        float[] keys = factors(found.largest("key", layer));
        float[] values = factors(found.largest("value", layer));
        int width = keys.length;
        float[] columns = new float[3 * width]; // of queries, keys and values
        float[] rows = new float[width];
        for (int channel = 0; channel < width; channel++) {
            columns[channel] = 1 / keys[channel];
            columns[width + channel] = keys[channel];
            columns[2 * width + channel] = values[channel];
            rows[channel] = 1 / values[channel];
        }
        ConstantProducts.Product before = products.all().stream()
                .filter(product -> product.output().equals(attention.getInput(0)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("keys that are no product with a constant matrix"));
        ConstantProducts.Product after = products.all().stream()
                .filter(product -> product.input().equals(attention.getOutput(0)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("attention that no constant matrix follows"));
        multiply(before.matrix(), columns, i -> i % columns.length);
        if (!before.bias().isEmpty()) {
            multiply(before.bias(), columns, i -> i);
        }
        int outputs = (int) products.constant(after.matrix()).getDims(1);
        multiply(after.matrix(), rows, i -> i / outputs);
    }

    /** What makes every channel reach as far as the one that reaches farthest; those that hold nothing stay. */
    private static float[] factors(float... largest) {
        float farthest = 0;
        for (float each : largest) {
            farthest = Math.max(farthest, each);
        }
        float[] factors = new float[largest.length];
        Arrays.fill(factors, 1);
        for (int i = 0; i < largest.length; i++) {
            if (largest[i] > 0) {
                factors[i] = farthest / largest[i];
            }
        }
        return factors;
    }

    /** Multiplies the numbers of a constant, each by the factor of its place. */
    private void multiply(String name, float[] factors, IntUnaryOperator factorOf) {
        TensorProto constant = products.constant(name);
        float[] numbers = ConstantProducts.floats(constant);
        ByteBuffer raw = ByteBuffer.allocate(numbers.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < numbers.length; i++) {
            raw.putFloat(numbers[i] * factors[factorOf.applyAsInt(i)]);
        }
        TensorProto made = constant.toBuilder()
                .setDataType(DataType.FLOAT_VALUE)
                .setRawData(ByteString.copyFrom(raw.rewind()))
                .build();
        if (changed.put(constant.getName(), made) != null) {
            throw new IllegalArgumentException("layers of attention that share " + constant.getName());
        }
    }
}
