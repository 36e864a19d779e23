package io.scanline.trainer.export;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;

/** A tensor over memory that is written and read between runs; zero at first. */
final class HostTensor implements AutoCloseable {
    private final ByteBuffer memory;
    private final OnnxTensor tensor;

    private HostTensor(OnnxJavaType type, int bytes, long... shape) throws OrtException {
        int size = Math.toIntExact(Arrays.stream(shape).reduce(bytes, Math::multiplyExact));
        memory = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        tensor = OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), memory, shape, type);
    }

    /** A float32 tensor. */
    static HostTensor ofFloats(long... shape) throws OrtException {
        return new HostTensor(OnnxJavaType.FLOAT, Float.BYTES, shape);
    }

    /** An int64 tensor. */
    static HostTensor ofLongs(long... shape) throws OrtException {
        return new HostTensor(OnnxJavaType.INT64, Long.BYTES, shape);
    }

    /** An int32 tensor. */
    static HostTensor ofInts(long... shape) throws OrtException {
        return new HostTensor(OnnxJavaType.INT32, Integer.BYTES, shape);
    }

    /** A float16 tensor. */
    static HostTensor ofHalves(long... shape) throws OrtException {
        return new HostTensor(OnnxJavaType.FLOAT16, Short.BYTES, shape);
    }

    /** An int8 tensor. */
    static HostTensor ofBytes(long... shape) throws OrtException {
        return new HostTensor(OnnxJavaType.INT8, Byte.BYTES, shape);
    }

    OnnxTensor tensor() {
        return tensor;
    }

    ByteBuffer bytes() {
        return memory.duplicate();
    }

    FloatBuffer floats() {
        return memory.asFloatBuffer();
    }

    LongBuffer longs() {
        return memory.asLongBuffer();
    }

    IntBuffer ints() {
        return memory.asIntBuffer();
    }

    /** Sets everything to zero. */
    void clear() {
        for (int at = 0; at < memory.capacity(); at += Integer.BYTES) {
            memory.putInt(at, 0);
        }
    }

    @Override
    public void close() {
        tensor.close();
    }
}
