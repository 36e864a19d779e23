package io.scanline.trainer.export;

import ai.onnxruntime.platform.Fp16Conversions;
import io.scanline.trainer.onnx.GraphProto;
import io.scanline.trainer.onnx.NodeProto;
import io.scanline.trainer.onnx.TensorProto;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.onnx.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The products of activations with constant matrices in a step graph in fp32. */
final class ConstantProducts {
    /**
     * x W, or x W + b where a constant vector, stored in single precision, is added to what nothing else reads.
     *
     * @param input name of x, (B, S, K)
     * @param matrix name of W, (K, N)
     * @param bias name of b (N), or ""
     * @param output name of the result, (B, S, N)
     */
    record Product(String input, String matrix, String bias, String output) {}

    /** Matrices and vectors by the name that nodes read them by: when they are stored in halves, that of their cast. */
    private final Map<String, TensorProto> constants = new HashMap<>();

    private final Map<String, Product> products = new LinkedHashMap<>(); // by output
    /** What is between a product and the addition of its vector. */
    private final Set<String> inner;

    /** Finds them. */
    ConstantProducts(GraphProto step) {
        step.getInitializerList().forEach(constant -> constants.put(constant.getName(), constant));
        step.getNodeList().stream()
                .filter(node -> node.getOpType().equals("Cast") && constants.containsKey(node.getInput(0)))
                .forEach(node -> constants.put(node.getOutput(0), constants.get(node.getInput(0))));
        Set<String> outputs =
                step.getOutputList().stream().map(ValueInfoProto::getName).collect(Collectors.toSet());
        List<NodeProto> multiplications = step.getNodeList().stream().filter(this::isProduct).toList();
        for (NodeProto multiplication : multiplications) {
            String sum = multiplication.getOutput(0);
            List<NodeProto> readers = step.getNodeList().stream()
                    .filter(node -> node.getInputList().contains(sum))
                    .toList();
            Optional<NodeProto> addition = readers.size() == 1 && !outputs.contains(sum)
                    ? readers.stream().filter(reader -> addsVector(reader, sum)).findFirst()
                    : Optional.empty();
            Product product = new Product(
                    multiplication.getInput(0),
                    multiplication.getInput(1),
                    addition.map(node -> other(node, sum)).orElse(""),
                    addition.orElse(multiplication).getOutput(0));
            products.put(product.output(), product);
        }
        inner = multiplications.stream()
                .map(node -> node.getOutput(0))
                .filter(output -> !products.containsKey(output))
                .collect(Collectors.toSet());
    }

    private boolean isProduct(NodeProto node) {
        return node.getOpType().equals("MatMul") && dimensions(node.getInput(1)) == 2 && dimensions(node.getInput(0)) == 0;
    }

    private boolean addsVector(NodeProto node, String sum) {
        String vector = other(node, sum);
        return node.getOpType().equals("Add")
                && dimensions(vector) == 1
                && constants.get(vector).getDataType() == DataType.FLOAT_VALUE;
    }

    private static String other(NodeProto node, String input) {
        return node.getInput(node.getInput(0).equals(input) ? 1 : 0);
    }

    /** Of a constant; 0 also of what is none. */
    private int dimensions(String name) {
        return constants.containsKey(name) ? constants.get(name).getDimsCount() : 0;
    }

    /** All of them, in the order of the graph. */
    Collection<Product> all() {
        return products.values();
    }

    /** The one that a node is the end of. */
    Optional<Product> endingWith(NodeProto node) {
        return Optional.ofNullable(products.get(node.getOutput(0)));
    }

    /** Whether a node is of a product, its end or not. */
    boolean contain(NodeProto node) {
        return inner.contains(node.getOutput(0)) || products.containsKey(node.getOutput(0));
    }

    /** What they read, with K. */
    Map<String, Long> inputs() {
        return all().stream()
                .collect(Collectors.toMap(
                        Product::input, product -> constants.get(product.matrix()).getDims(0), (one, same) -> one));
    }

    /** A matrix or vector of a product, as it is stored. */
    TensorProto constant(String name) {
        return constants.get(name);
    }

    /** The matrix of a product in 8-bit integers. */
    ColumnMatrix matrix(String name) {
        TensorProto constant = constants.get(name);
        return ColumnMatrix.of(floats(constant), (int) constant.getDims(0), (int) constant.getDims(1));
    }

    /** The numbers of a constant in single or half precision. */
    static float[] floats(TensorProto tensor) {
        ByteBuffer raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        boolean half = tensor.getDataType() == DataType.FLOAT16_VALUE;
        float[] values = new float[raw.remaining() / (half ? Short.BYTES : Float.BYTES)];
        for (int i = 0; i < values.length; i++) {
            values[i] = half ? Fp16Conversions.fp16ToFloat(raw.getShort()) : raw.getFloat();
        }
        return values;
    }
}
