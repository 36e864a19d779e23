package io.scanline.server.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of all slots: one direct buffer [B,H,T,D] per layer for each, slot-major, so that the first n slots are
 * a contiguous prefix. For every n there is one tensor over that prefix; it is a run's input and its output, which lets
 * GroupQueryAttention write the new rows in place instead of copying the whole cache.
 */
public final class StepCache implements AutoCloseable {
    private final StepShape shape;
    private final int slots;
    private final List<ByteBuffer> buffers = new ArrayList<>(); // layer 0 keys, layer 0 values, layer 1 keys, ...
    private final List<List<OnnxTensor>> tensors = new ArrayList<>(); // by batch size less 1, then as the buffers

    private StepCache(StepShape shape, int slots) {
        this.shape = shape;
        this.slots = slots;
    }

    static StepCache allocate(OrtEnvironment environment, StepShape shape, int slots) throws GraphException {
        long bytes = shape.slotBytes() * slots;
        if (bytes > Integer.MAX_VALUE) {
            throw new GraphException("the state of one layer and " + slots + " slots takes " + bytes
                    + " bytes; one tensor can have at most " + Integer.MAX_VALUE);
        }
        StepCache cache = new StepCache(shape, slots);
        for (int i = 0; i < 2 * shape.layers(); i++) {
            cache.buffers.add(ByteBuffer.allocateDirect((int) bytes));
        }
        try {
            for (int batch = 1; batch <= slots; batch++) {
                cache.addTensors(environment, batch);
            }
        } catch (OrtException refused) {
            cache.close();
            throw new GraphException("ONNX Runtime refused the memory of the state", refused);
        }
        return cache;
    }

    private void addTensors(OrtEnvironment environment, int batch) throws OrtException {
        List<OnnxTensor> prefix = new ArrayList<>();
        tensors.add(prefix);
        long[] dimensions = {batch, shape.heads(), shape.positions(), shape.headSize()};
        int bytes = (int) (shape.slotBytes() * batch);
        for (ByteBuffer buffer : buffers) {
            // A slice forgets its byte order.
            ByteBuffer first = buffer.slice(0, bytes).order(ByteOrder.nativeOrder());
            prefix.add(OnnxTensor.createTensor(environment, first, dimensions, OnnxJavaType.FLOAT));
        }
    }

    int slots() {
        return slots;
    }

    OnnxTensor keys(int layer, int batch) {
        return tensors.get(batch - 1).get(2 * layer);
    }

    OnnxTensor values(int layer, int batch) {
        return tensors.get(batch - 1).get(2 * layer + 1);
    }

    void move(int from, int to, int positions) {
        int slotBytes = (int) shape.slotBytes();
        int headBytes = slotBytes / shape.heads();
        int usedBytes = positions * shape.headSize() * Float.BYTES;
        for (ByteBuffer buffer : buffers) {
            for (int head = 0; head < shape.heads(); head++) {
                buffer.put(to * slotBytes + head * headBytes, buffer, from * slotBytes + head * headBytes, usedBytes);
            }
        }
    }

    /** Frees the tensors; the memory follows when nothing refers to this cache any more. */
    @Override
    public void close() {
        for (List<OnnxTensor> prefix : tensors) {
            prefix.forEach(OnnxTensor::close);
        }
    }
}
