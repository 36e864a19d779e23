package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A recurrent tensor: what the last run of every slot left for the next one. */
final class RecurrentState implements SlotState {
    private final int size; // floats of a slot
    private final String pastName;
    private final String presentName;
    private final FloatBuffer store; // [slots,..]
    private final FloatBuffer zeros; // [..]
    private final FloatBuffer past; // [B,..]
    private final FloatBuffer present; // [B,..]
    private final Tensors tensors;
    private final List<OnnxTensor> pasts = new ArrayList<>(); // by batch size less 1
    private final List<OnnxTensor> presents = new ArrayList<>();

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
        size = (int) floats;
        pastName = names.of("past", index);
        presentName = names.of("present", index);
        tensors = new Tensors(environment);
        long[] dimensions = new long[shape.size() + 1];
        for (int i = 0; i < shape.size(); i++) {
            dimensions[i + 1] = shape.get(i);
        }
        try {
            for (int batch = 1; batch <= slots; batch++) {
                dimensions[0] = batch;
                pasts.add(tensors.over(past, dimensions));
                presents.add(tensors.over(present, dimensions));
            }
        } catch (OrtException refused) {
            tensors.close();
            throw new GraphException("ONNX Runtime refused a recurrent tensor", refused);
        }
    }

    @Override
    public void bind(int batch, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {
        inputs.put(pastName, pasts.get(batch - 1));
        outputs.put(presentName, presents.get(batch - 1));
    }

    @Override
    public void beforeRun(SlotRun run) {
        for (int entry = 0; entry < run.size; entry++) {
            if (run.position[entry] == 0) {
                past.put(entry * size, zeros, 0, size);
            } else {
                past.put(entry * size, store, run.slot[entry] * size, size);
            }
        }
    }

    @Override
    public void afterRun(SlotRun run) {
        for (int entry = 0; entry < run.size; entry++) {
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
