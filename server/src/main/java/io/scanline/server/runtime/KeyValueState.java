package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Keys and values of all slots: one direct buffer [B,H,T,D] per layer for each, slot-major, so that the first n slots
 * are a contiguous prefix. For every n there is one tensor over that prefix; it is a run's input and its output, which
 * lets GroupQueryAttention write the new rows in place instead of copying the whole cache.
 */
final class KeyValueState implements SlotState {
    private final KeyValueShape shape;
    private final TensorNames names;
    private final List<ByteBuffer> buffers = new ArrayList<>(); // layer 0 keys, layer 0 values, layer 1 keys, ...
    private final OrtEnvironment environment;
    private final List<List<OnnxTensor>> tensors = new ArrayList<>(); // all there are, to be closed
    private final List<List<OnnxTensor>> prefixes = new ArrayList<>(); // by batch size less 1, then as the buffers
    private final List<OnnxTensor>[] slotTensors; // by slot, made when first needed
    private final int[] seqlens; // [B]
    private final IntBuffer seqlensBuffer;
    private final IntBuffer totalBuffer; // scalar
    private final Tensors lengths;
    private final List<OnnxTensor> seqlensTensors = new ArrayList<>(); // by batch size less 1
    private OnnxTensor total;

    private KeyValueState(OrtEnvironment environment, KeyValueShape shape, TensorNames names, int slots)
            throws GraphException {
        this.environment = environment;
        this.shape = shape;
        this.names = names;
        this.slotTensors = newSlots(slots);
        this.seqlens = new int[slots];
        this.seqlensBuffer = Tensors.ints(slots);
        this.totalBuffer = Tensors.ints(1);
        this.lengths = new Tensors(environment);
    }

    @SuppressWarnings("unchecked") // an array of a generic type can be made in no other way
    private static List<OnnxTensor>[] newSlots(int slots) {
        return (List<OnnxTensor>[]) new List<?>[slots];
    }

    static KeyValueState allocate(OrtEnvironment environment, KeyValueShape shape, TensorNames names, int slots)
            throws GraphException {
        long bytes = shape.slotBytes() * slots;
        if (bytes > Integer.MAX_VALUE) {
            throw new GraphException("the state of one layer and " + slots + " slots takes " + bytes
                    + " bytes; one tensor can have at most " + Integer.MAX_VALUE);
        }
        KeyValueState state = new KeyValueState(environment, shape, names, slots);
        for (int i = 0; i < 2 * shape.layers(); i++) {
            state.buffers.add(ByteBuffer.allocateDirect((int) bytes));
        }
        try {
            state.total = state.lengths.over(state.totalBuffer);
            for (int batch = 1; batch <= slots; batch++) {
                state.seqlensTensors.add(state.lengths.over(state.seqlensBuffer, batch));
                state.prefixes.add(state.tensors(0, batch));
            }
        } catch (OrtException refused) {
            state.close();
            throw new GraphException("ONNX Runtime refused the memory of the state", refused);
        }
        return state;
    }

    /** Tensors over consecutive slots, in the order of the buffers. */
    private List<OnnxTensor> tensors(int from, int slots) throws OrtException {
        long[] dimensions = {slots, shape.heads(), shape.positions(), shape.headSize()};
        List<OnnxTensor> made = new ArrayList<>();
        tensors.add(made);
        for (ByteBuffer buffer : buffers) {
            // A slice forgets its byte order.
            ByteBuffer part = buffer.slice(from, (int) shape.slotBytes() * slots).order(ByteOrder.nativeOrder());
            made.add(OnnxTensor.createTensor(environment, part, dimensions, shape.element().type()));
        }
        return made;
    }

    @Override
    public void bind(int batch, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {
        bind(batch, prefixes.get(batch - 1), inputs, outputs);
    }

    /** Adds the tensors of a run of one slot alone, whichever that is; it is then entry 0 of the run. */
    void bindSlot(int slot, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) throws OrtException {
        if (slotTensors[slot] == null) {
            int bytes = (int) shape.slotBytes();
            slotTensors[slot] = tensors(slot * bytes, 1);
        }
        bind(1, slotTensors[slot], inputs, outputs);
    }

    private void bind(
            int batch, List<OnnxTensor> prefix, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {
        inputs.put(names.of("seqlens"), seqlensTensors.get(batch - 1));
        inputs.put(names.of("total"), total);
        for (int layer = 0; layer < shape.layers(); layer++) {
            OnnxTensor keys = prefix.get(2 * layer);
            OnnxTensor values = prefix.get(2 * layer + 1);
            inputs.put(names.of("past_key", layer), keys);
            inputs.put(names.of("past_value", layer), values);
            outputs.put(names.of("present_key", layer), keys);
            outputs.put(names.of("present_value", layer), values);
        }
    }

    @Override
    public void beforeRun(SlotRun run) throws GraphException {
        int longest = 0;
        for (int slot = 0; slot < run.size; slot++) { // in place, so that entry n of a run is slot n
            int length = run.position[slot] + run.span;
            if (length > shape.positions()) {
                throw new GraphException("a slot would hold " + length + " positions; the cache has room for "
                        + shape.positions());
            }
            seqlens[slot] = length - 1;
            longest = Math.max(longest, length);
        }
        seqlensBuffer.put(0, seqlens, 0, run.size);
        totalBuffer.put(0, longest);
    }

    @Override
    public void afterRun(SlotRun run) {
        // The graph wrote in place.
    }

    @Override
    public void move(int from, int to, int positions) {
        int slotBytes = (int) shape.slotBytes();
        int headBytes = slotBytes / shape.heads();
        int usedBytes = positions * shape.headSize() * shape.element().bytes();
        for (ByteBuffer buffer : buffers) {
            for (int head = 0; head < shape.heads(); head++) {
                buffer.put(to * slotBytes + head * headBytes, buffer, from * slotBytes + head * headBytes, usedBytes);
            }
        }
    }

    @Override
    public long slotBytes() {
        return 2 * shape.layers() * shape.slotBytes();
    }

    @Override
    public void close() {
        lengths.close();
        for (List<OnnxTensor> made : tensors) {
            made.forEach(OnnxTensor::close);
        }
    }
}
