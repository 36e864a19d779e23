package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** All state of all slots of a step graph: everything that later steps need of earlier ones. */
public final class StepState implements AutoCloseable {
    private final int slots;
    private final List<SlotState> parts = new ArrayList<>();
    private final List<VectorMemory> memories = new ArrayList<>();
    private final List<KeyValueState> keyValues = new ArrayList<>();
    private RowFeatures rows; // null: none

    private StepState(int slots) {
        this.slots = slots;
    }

    static StepState allocate(
            OrtEnvironment environment, StepShape shape, TensorNames names, RowGraph row, int slots,
            int longestRun) throws GraphException {
        StepState state = new StepState(slots);
        boolean complete = false;
        try {
            state.add(environment, shape, names, row, longestRun);
            complete = true;
            return state;
        } finally {
            if (!complete) {
                state.close();
            }
        }
    }

    private void add(
            OrtEnvironment environment, StepShape shape, TensorNames names, RowGraph row, int longestRun)
            throws GraphException {
        KeyValueShape cache = shape.state().keyValues();
        for (boolean windowed : new boolean[] {false, true}) {
            if (cache != null && cache.layers(windowed).length > 0) {
                KeyValueState part = KeyValueState.allocate(environment, cache, names, slots, windowed, longestRun);
                keyValues.add(part);
                parts.add(part);
            }
        }
        for (int m = 0; m < shape.state().memories().size(); m++) {
            VectorMemory memory = new VectorMemory(environment, shape, names, m, slots);
            memories.add(memory);
            parts.add(memory);
        }
        for (int r = 0; r < shape.state().recurrents().size(); r++) {
            parts.add(new RecurrentState(environment, shape.state().recurrents().get(r), names, r, slots));
        }
        if (row != null) {
            rows = new RowFeatures(environment, shape, names, row.names(), row.sessions(), memories, slots);
            parts.add(rows);
        }
    }

    /** Images whose state it holds. */
    public int slots() {
        return slots;
    }

    /** Bytes of memory that one image takes. */
    public long slotBytes() {
        return parts.stream().mapToLong(SlotState::slotBytes).sum();
    }

    /** Keys and values: of layers that see all positions, and of those with a window. */
    List<KeyValueState> keyValues() {
        return keyValues;
    }

    /** Memories. */
    List<VectorMemory> memories() {
        return memories;
    }

    /** Features of the rows at hand; null for none. */
    RowFeatures rows() {
        return rows;
    }

    void bind(int first, int count, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs)
            throws OrtException {
        for (SlotState part : parts) {
            part.bind(first, count, inputs, outputs);
        }
    }

    /** Whether runs of some slots may be made while others run. */
    boolean divides() {
        return parts.stream().allMatch(SlotState::divides);
    }

    void beforeRun(SlotRun run) throws GraphException {
        for (SlotState part : parts) {
            part.beforeRun(run);
        }
    }

    void afterRun(SlotRun run) {
        for (SlotState part : parts) {
            part.afterRun(run);
        }
    }

    void move(int from, int to, int positions) {
        for (SlotState part : parts) {
            part.move(from, to, positions);
        }
    }

    /** Frees the tensors; the memory follows when nothing refers to this state any more. */
    @Override
    public void close() {
        parts.forEach(SlotState::close);
    }
}
