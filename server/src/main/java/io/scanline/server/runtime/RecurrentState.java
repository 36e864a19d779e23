package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;

/** A recurrent tensor: what the last run of every slot left for the next one. */
final class RecurrentState implements SlotState {
    private final List<Integer> shape; // of a slot
    private final int size; // floats of a slot
    private final String pastName;
    private final String presentName;
    private final FloatBuffer store; // [slots,..]
    private final FloatBuffer zeros; // [..]
    private final FloatBuffer past; // [B,..]
    private final FloatBuffer present; // [B,..]
    private final Tensors tensors;

    /**
     * @param shape of one slot
     * @param index which of the graph's recurrent tensors
     */
    RecurrentState(OrtEnvironment environment, List<Integer> shape, TensorNames names, int index, int slots)
            throws GraphException {
        long floats = StateShape.size(shape);
        store = Tensors.floats(slots * floats);
        zeros = Tensors.floats(floats);
        past = Tensors.floats(slots * floats);
        present = Tensors.floats(slots * floats);
        this.shape = shape;
        size = (int) floats;
        pastName = names.of("past", index);
        presentName = names.of("present", index);
        tensors = new Tensors(environment);
    }

    @Override
    public void bind(int first, int slots, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs)
            throws OrtException {
        long[] dimensions = new long[shape.size() + 1];
        dimensions[0] = slots;
        for (int i = 0; i < shape.size(); i++) {
            dimensions[i + 1] = shape.get(i);
        }
        inputs.put(pastName, tensors.over(Tensors.from(past, first * size), dimensions));
        outputs.put(presentName, tensors.over(Tensors.from(present, first * size), dimensions));
    }

    @Override
    public void beforeRun(SlotRun run) {
        for (int entry = run.first; entry < run.end(); entry++) {
            if (run.position[entry] == 0) {
                past.put(entry * size, zeros, 0, size);
            } else {
                past.put(entry * size, store, run.slot[entry] * size, size);
            }
        }
    }

    @Override
    public void afterRun(SlotRun run) {
        for (int entry = run.first; entry < run.end(); entry++) {
            store.put(run.slot[entry] * size, present, entry * size, size);
        }
    }

    @Override
    public void move(int from, int to, int positions) {
        store.put(to * size, store, from * size, size);
    }

    @Override
    public long slotBytes() {
        return (long) size * Float.BYTES;
    }

    @Override
    public void close() {
        tensors.close();
    }
}
