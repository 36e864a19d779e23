package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;

/** Makes tensors over direct buffers, which stay where they are and are rewritten in place, and frees them together. */
final class Tensors implements AutoCloseable {
    private final OrtEnvironment environment;
    private final List<OnnxTensor> owned = new ArrayList<>();

    Tensors(OrtEnvironment environment) {
        this.environment = environment;
    }

    /** A tensor over the first elements of a buffer. */
    OnnxTensor over(FloatBuffer buffer, long... dimensions) throws OrtException {
        return own(OnnxTensor.createTensor(environment, buffer.slice(0, elements(dimensions)), dimensions));
    }

    /** A tensor over the first elements of a buffer. */
    OnnxTensor over(LongBuffer buffer, long... dimensions) throws OrtException {
        return own(OnnxTensor.createTensor(environment, buffer.slice(0, elements(dimensions)), dimensions));
    }

    /** A tensor over the first elements of a buffer. */
    OnnxTensor over(IntBuffer buffer, long... dimensions) throws OrtException {
        return own(OnnxTensor.createTensor(environment, buffer.slice(0, elements(dimensions)), dimensions));
    }

    /** What of a buffer begins at an element. */
    static FloatBuffer from(FloatBuffer buffer, int first) {
        return buffer.slice(first, buffer.capacity() - first);
    }

    /** What of a buffer begins at an element. */
    static LongBuffer from(LongBuffer buffer, int first) {
        return buffer.slice(first, buffer.capacity() - first);
    }

    private OnnxTensor own(OnnxTensor tensor) {
        owned.add(tensor);
        return tensor;
    }

    @Override
    public void close() {
        owned.forEach(OnnxTensor::close);
    }

    /** Memory that no tensor lies over. */
    static float[] array(long count) throws GraphException {
        checkSize(count * Float.BYTES);
        return new float[(int) count];
    }

    static FloatBuffer floats(long count) throws GraphException {
        return bytes(count * Float.BYTES).asFloatBuffer();
    }

    static LongBuffer longs(long count) throws GraphException {
        return bytes(count * Long.BYTES).asLongBuffer();
    }

    static IntBuffer ints(long count) throws GraphException {
        return bytes(count * Integer.BYTES).asIntBuffer();
    }

    static ByteBuffer bytes(long count) throws GraphException {
        checkSize(count);
        return ByteBuffer.allocateDirect((int) count).order(ByteOrder.nativeOrder());
    }

    private static void checkSize(long count) throws GraphException {
        if (count > Integer.MAX_VALUE) {
            throw new GraphException("one tensor or memory of all slots takes " + count
                    + " bytes; it can have at most " + Integer.MAX_VALUE);
        }
    }

    private static int elements(long[] dimensions) {
        long elements = 1;
        for (long dimension : dimensions) {
            elements *= dimension;
        }
        return Math.toIntExact(elements);
    }
}
