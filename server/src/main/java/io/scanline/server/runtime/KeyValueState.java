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
 * Keys and values of all slots, of the layers that see all positions or of those with a window: one direct buffer
 * [B,H,T,D] per layer for each, slot-major, so that slots beside each other are one piece of it. A tensor over them is a
 * run's input and its output, which lets GroupQueryAttention write the new rows in place instead of copying the whole
 * cache. Its kernel walks over all that a cache holds, whatever the window: so layers with one drop what they see no
 * more, some positions at a time.
 */
final class KeyValueState implements SlotState {
    private final KeyValueShape shape;
    private final int[] layers;
    private final boolean windowed;
    private final int positions; // T
    private final int[] dropped; // by slot: positions of its image that the cache holds no more
    private final TensorNames names;
    private final List<ByteBuffer> buffers = new ArrayList<>(); // layer 0 keys, layer 0 values, layer 1 keys, ...
    private final OrtEnvironment environment;
    private final List<List<OnnxTensor>> tensors = new ArrayList<>(); // all there are, to be closed
    private final Alone[] alone; // by slot, made when first needed
    private final int[] seqlens; // [B]
    private final IntBuffer seqlensBuffer;
    private final IntBuffer totals; // [B], scalars of the runs that begin with a slot
    private final Tensors lengths;

    /** What runs of one slot alone take. */
    private record Alone(OnnxTensor seqlens, OnnxTensor total, List<OnnxTensor> caches) {}

    private KeyValueState(
            OrtEnvironment environment, KeyValueShape shape, TensorNames names, int slots, boolean windowed,
            int longestRun) throws GraphException {
        this.environment = environment;
        this.shape = shape;
        this.layers = shape.layers(windowed);
        this.windowed = windowed;
        this.positions = windowed ? shape.windowPositions(longestRun) : shape.positions();
        this.dropped = new int[slots];
        this.names = names;
        this.alone = new Alone[slots];
        this.seqlens = new int[slots];
        this.seqlensBuffer = Tensors.ints(slots);
        this.totals = Tensors.ints(slots);
        this.lengths = new Tensors(environment);
    }

    /**
     * Takes the memory.
     *
     * @param windowed whether for the layers with a window, or for the others
     * @param longestRun positions of a slot that a run computes at most
     */
    static KeyValueState allocate(
            OrtEnvironment environment, KeyValueShape shape, TensorNames names, int slots, boolean windowed,
            int longestRun) throws GraphException {
        KeyValueState state = new KeyValueState(environment, shape, names, slots, windowed, longestRun);
        long bytes = state.layerBytes() * slots;
        if (bytes > Integer.MAX_VALUE) {
            throw new GraphException("the state of one layer and " + slots + " slots takes " + bytes
                    + " bytes; one tensor can have at most " + Integer.MAX_VALUE);
        }
        for (int i = 0; i < 2 * state.layers.length; i++) {
            state.buffers.add(ByteBuffer.allocateDirect((int) bytes));
        }
        return state;
    }

    /** Tensors over consecutive slots from a byte on, in the order of the buffers. */
    private List<OnnxTensor> tensors(int from, int slots) throws OrtException {
        long[] dimensions = {slots, shape.heads(), positions, shape.headSize()};
        List<OnnxTensor> made = new ArrayList<>();
        tensors.add(made);
        for (ByteBuffer buffer : buffers) {
            // A slice forgets its byte order.
            ByteBuffer part = buffer.slice(from, layerBytes() * slots).order(ByteOrder.nativeOrder());
            made.add(OnnxTensor.createTensor(environment, part, dimensions, shape.element().type()));
        }
        return made;
    }

    @Override
    public synchronized void bind(
            int from, int slots, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) throws OrtException {
        OnnxTensor told = lengths.over(seqlensBuffer.slice(from, slots), slots);
        OnnxTensor longest = lengths.over(totals.slice(from, 1));
        bind(told, longest, tensors(from * layerBytes(), slots), inputs, outputs);
    }

    /** Adds the tensors of a run of one slot alone. */
    synchronized void bindAlone(int slot, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs)
            throws OrtException {
        if (alone[slot] == null) {
            alone[slot] = new Alone(
                    lengths.over(seqlensBuffer.slice(slot, 1), 1),
                    lengths.over(totals.slice(slot, 1)),
                    tensors(slot * layerBytes(), 1));
        }
        bind(alone[slot].seqlens(), alone[slot].total(), alone[slot].caches(), inputs, outputs);
    }

    private void bind(
            OnnxTensor told, OnnxTensor longest, List<OnnxTensor> caches, Map<String, OnnxTensor> inputs,
            Map<String, OnnxTensor> outputs) {
        inputs.put(names.of(KeyValueShape.prefix(windowed) + "seqlens"), told);
        inputs.put(names.of(KeyValueShape.prefix(windowed) + "total"), longest);
        for (int i = 0; i < layers.length; i++) {
            int layer = layers[i];
            OnnxTensor keys = caches.get(2 * i);
            OnnxTensor values = caches.get(2 * i + 1);
            inputs.put(names.of("past_key", layer), keys);
            inputs.put(names.of("past_value", layer), values);
            outputs.put(names.of("present_key", layer), keys);
            outputs.put(names.of("present_value", layer), values);
        }
    }

    @Override
    public void beforeRun(SlotRun run) throws GraphException {
        int longest = 0;
        for (int n = run.first; n < run.end(); n++) {
            int length = length(run, n);
            seqlens[n] = length - 1;
            longest = Math.max(longest, length);
        }
        seqlensBuffer.put(run.first, seqlens, run.first, run.size);
        for (int n = run.first; n < run.end(); n++) { // any of them may be the first one of a part
            totals.put(n, longest);
        }
    }

    /** The same for a run of one slot alone, which is its entry 0; others may be run by other threads at the same time. */
    void beforeRunAlone(SlotRun run) throws GraphException {
        int length = length(run, 0);
        seqlensBuffer.put(run.slot[0], length - 1);
        totals.put(run.slot[0], length);
    }

    /** Positions that the slot of an entry holds after a run. */
    private int length(SlotRun run, int entry) throws GraphException {
        int length = run.position[entry] + run.span - (windowed ? drop(run.slot[entry], run.position[entry]) : 0);
        if (length > positions) {
            throw new GraphException(
                    "a slot would hold " + length + " positions; the cache has room for " + positions);
        }
        return length;
    }

    /** Drops what is no more seen from a position on; returns how many were dropped of the image so far. */
    private int drop(int slot, int position) {
        int wanted = shape.dropped(position);
        int more = wanted - dropped[slot]; // below 0: the slot has another image
        int kept = position - wanted;
        if (more > 0 && more + kept <= positions) { // else nothing of it was computed: steps are timed so
            copy(slot, more, slot, kept);
        }
        dropped[slot] = wanted;
        return wanted;
    }

    /** Copies rows of all heads: {@code count} of them, of a slot from {@code row} on, to the first ones of another. */
    private void copy(int from, int row, int to, int count) {
        int headBytes = layerBytes() / shape.heads();
        int rowBytes = headBytes / positions;
        for (ByteBuffer buffer : buffers) {
            for (int head = 0; head < shape.heads(); head++) {
                int start = from * layerBytes() + head * headBytes + row * rowBytes;
                buffer.put(to * layerBytes() + head * headBytes, buffer, start, count * rowBytes);
            }
        }
    }

    @Override
    public void afterRun(SlotRun run) {
        // The graph wrote in place.
    }

    @Override
    public void move(int from, int to, int positions) {
        dropped[to] = dropped[from];
        copy(from, 0, to, Math.max(0, positions - dropped[from]));
    }

    /** Bytes of the keys, or of the values, of one layer and one slot: [H,T,D] numbers. */
    private int layerBytes() {
        return shape.heads() * positions * shape.headSize() * shape.element().bytes();
    }

    @Override
    public long slotBytes() {
        return 2L * layers.length * layerBytes();
    }

    @Override
    public void close() {
        lengths.close();
        for (List<OnnxTensor> made : tensors) {
            made.forEach(OnnxTensor::close);
        }
    }
}
