package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import java.nio.FloatBuffer;
import java.util.Map;

/** What windows read and write of one memory. */
final class WindowMemory {
    private final VectorMemory memory;
    private final WindowReads reads;
    private final int[] before;
    private final int positions;
    private final FloatBuffer read; // [n*vectors,C]
    private final FloatBuffer written; // [n*P,C]
    private final int slots;

    WindowMemory(VectorMemory memory, WindowReads reads, int slots, int positions) throws GraphException {
        this.memory = memory;
        this.reads = reads;
        this.before = reads.before();
        this.slots = slots;
        this.positions = positions;
        int width = memory.shape().width();
        read = Tensors.floats((long) slots * reads.vectors() * width);
        written = Tensors.floats((long) slots * positions * width);
    }

    void bind(
            Tensors tensors, TensorNames names, int index, boolean slotwise, Map<String, OnnxTensor> inputs,
            Map<String, OnnxTensor> outputs) throws OrtException {
        int width = memory.shape().width();
        if (reads.perPosition() > 0) {
            inputs.put(
                    names.of("read", index),
                    slotwise
                            ? tensors.over(read, slots, reads.vectors(), width)
                            : tensors.over(read, slots * reads.vectors(), width));
        }
        outputs.put(names.of("write", index), tensors.over(written, slots * positions, width));
    }

    /** Fetches what lies before a window; what does not exist is not referred to. */
    void fetch(int at, int slot, int from) {
        int width = memory.shape().width();
        int next = at * reads.vectors() * width;
        for (int distance : before) {
            if (distance <= from) {
                memory.copy(slot, from - distance, read, next);
            }
            next += width;
        }
    }

    /** Hands what the first positions of a window wrote to the memory. */
    void keep(int at, int slot, int from, int count) {
        int width = memory.shape().width();
        for (int i = 0; i < count; i++) {
            memory.keep(slot, from + i, written, (at * positions + i) * width);
        }
    }
}
