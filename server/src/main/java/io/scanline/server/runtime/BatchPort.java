package io.scanline.server.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;

/**
 * One tensor of a program: the array that the caller sees, and the memory that the runtime sees.
 *
 * @param tensor what it is
 * @param direct the memory, in the graph's own form
 * @param formed turns floats into that form and back; null when it is the contract's, and of integers
 * @param floats of the contract, or null
 * @param longs of the contract, or null
 */
record BatchPort(BatchTensor tensor, Buffer direct, FormedFloats formed, float[] floats, long[] longs) {
    static BatchPort of(BatchTensor tensor, int largest) throws GraphException {
        long numbers = tensor.size() * largest;
        long bytes = numbers * (tensor.integers() ? Long.BYTES : Float.BYTES);
        if (bytes > Integer.MAX_VALUE) {
            throw new GraphException("tensor \"" + tensor.name() + "\" of " + largest + " items takes " + bytes
                    + " bytes; one tensor can have at most " + Integer.MAX_VALUE);
        }
        return new BatchPort(
                tensor,
                memory(tensor.type(), (int) numbers),
                tensor.integers() || tensor.form().isPlain() ? null : new FormedFloats(tensor),
                tensor.integers() ? null : new float[(int) numbers],
                tensor.integers() ? new long[(int) numbers] : null);
    }

    private static Buffer memory(OnnxJavaType type, int numbers) {
        ByteBuffer memory = ByteBuffer.allocateDirect(numbers * type.size).order(ByteOrder.nativeOrder());
        return switch (type) {
            case UINT8 -> memory;
            case INT32 -> memory.asIntBuffer();
            case INT64 -> memory.asLongBuffer();
            default -> memory.asFloatBuffer();
        };
    }

    OnnxTensor bind(OrtEnvironment environment, int batch) throws OrtException {
        int numbers = numbers(batch);
        long[] shape = tensor.shape(batch);
        if (direct instanceof LongBuffer whole) {
            return OnnxTensor.createTensor(environment, whole.slice(0, numbers), shape);
        } else if (direct instanceof IntBuffer whole) {
            return OnnxTensor.createTensor(environment, whole.slice(0, numbers), shape);
        } else if (direct instanceof FloatBuffer whole) {
            return OnnxTensor.createTensor(environment, whole.slice(0, numbers), shape);
        }
        return OnnxTensor.createTensor(
                environment, ((ByteBuffer) direct).slice(0, numbers), shape, OnnxJavaType.UINT8);
    }

    private int numbers(int batch) {
        return (int) tensor.size() * batch;
    }

    /** Hands what the caller wrote to the runtime. */
    void give(int batch) {
        if (formed != null) {
            formed.give(floats, direct, batch);
        } else if (direct instanceof LongBuffer whole) {
            whole.put(0, longs, 0, numbers(batch));
        } else if (direct instanceof IntBuffer whole) {
            for (int i = 0; i < numbers(batch); i++) {
                whole.put(i, (int) longs[i]);
            }
        } else {
            ((FloatBuffer) direct).put(0, floats, 0, numbers(batch));
        }
    }

    /** Hands what the runtime wrote to the caller. */
    void take(int batch) {
        if (formed != null) {
            formed.take(direct, floats, batch);
        } else if (direct instanceof LongBuffer whole) {
            whole.get(0, longs, 0, numbers(batch));
        } else if (direct instanceof IntBuffer whole) {
            for (int i = 0; i < numbers(batch); i++) {
                longs[i] = whole.get(i);
            }
        } else {
            ((FloatBuffer) direct).get(0, floats, 0, numbers(batch));
        }
    }
}
