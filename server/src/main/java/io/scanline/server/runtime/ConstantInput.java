package io.scanline.server.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;

/**
 * An input of which the contract knows nothing, filled with one number.
 *
 * @param name its name in the graph
 * @param type of its numbers in the graph
 * @param shape in the graph; {@link GraphSignature#ANY} may stand first only, and counts the items
 * @param number what fills it
 */
record ConstantInput(String name, OnnxJavaType type, long[] shape, double number) {
    private static final long MOST_NUMBERS = 1 << 24;

    /** Looks at the input of a graph. */
    static ConstantInput of(Map<String, NodeInfo> inputs, String name, double number) throws GraphException {
        NodeInfo node = inputs.get(name);
        if (node == null) {
            throw new GraphException("the graph has no input \"" + name + "\" that a constant could fill");
        }
        if (!(node.getInfo() instanceof TensorInfo found)) {
            throw new GraphException("\"" + name + "\" is not a tensor");
        }
        long[] shape = found.getShape();
        long numbers = 1;
        for (int axis = 0; axis < shape.length; axis++) {
            if (shape[axis] < 0 && axis > 0) {
                throw new GraphException("the input \"" + name + "\" has the shape " + Arrays.toString(shape)
                        + "; a constant fills one that leaves open no axis but the first, which counts the items");
            }
            numbers *= Math.max(1, shape[axis]);
        }
        if (numbers > MOST_NUMBERS) {
            throw new GraphException("the input \"" + name + "\" has " + numbers + " numbers for one item; a constant "
                    + "fills at most " + MOST_NUMBERS);
        }
        if (!holds(found.type, number)) {
            throw new GraphException("the input \"" + name + "\" is " + found.type + " and cannot hold the constant "
                    + number + "; constants are float32, float64, int64, int32, uint8 or bool (0 or 1)");
        }
        return new ConstantInput(name, found.type, shape, number);
    }

    private static boolean holds(OnnxJavaType type, double number) {
        return switch (type) {
            case FLOAT -> Float.isFinite((float) number);
            case DOUBLE -> Double.isFinite(number);
            case INT64 -> number == Math.rint(number) && Math.abs(number) <= 1L << 53;
            case INT32 -> number == (int) number;
            case UINT8 -> number == ((int) number & 0xFF);
            case BOOL -> number == 0 || number == 1;
            default -> false;
        };
    }

    OnnxTensor bind(OrtEnvironment environment, int batch) throws OrtException {
        long[] bound = shape.clone();
        if (bound.length > 0 && bound[0] < 0) {
            bound[0] = batch;
        }
        int numbers = Math.toIntExact(Arrays.stream(bound).reduce(1, (a, b) -> a * b));
        ByteBuffer memory = ByteBuffer.allocateDirect(numbers * type.size).order(ByteOrder.nativeOrder());
        for (int i = 0; i < numbers; i++) {
            switch (type) {
                case FLOAT -> memory.putFloat((float) number);
                case DOUBLE -> memory.putDouble(number);
                case INT64 -> memory.putLong((long) number);
                case INT32 -> memory.putInt((int) number);
                default -> memory.put((byte) number);
            }
        }
        memory.flip();
        return OnnxTensor.createTensor(environment, memory, bound, type);
    }
}
