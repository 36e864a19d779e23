package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Windows over memories: of several slots by a window graph whose batch is all positions of all windows, of one slot by
 * one that has a dimension for slots. A position reads what another one of its window writes in the very run; memories
 * take only what is kept.
 */
final class MemoryWindow implements WindowProgram {
    private final boolean slotwise;
    private final StepSessions sessions;
    private final StepShape shape;
    private final RowFeatures rowFeatures; // null: none
    private final List<WindowMemory> memories = new ArrayList<>();
    private final Map<Integer, Sources> sources = new LinkedHashMap<>(); // by the first memory of their kind
    private final WindowRows rows;
    private final FloatBuffer features; // [n*P,1,F]; null: none
    private final Tensors tensors;
    private final SlotRun run; // n windows
    private final int[] count;
    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    private final Map<String, OnnxTensor> outputs = new HashMap<>();

    /** Where the positions find what they read, long[n,P,R]. */
    private record Sources(WindowReads reads, long[] values, LongBuffer buffer) {}

    private MemoryWindow(
            OrtEnvironment environment, StepSessions sessions, StepShape shape, StepState state, int slots,
            int positions, boolean slotwise) throws GraphException {
        this.slotwise = slotwise;
        this.sessions = sessions;
        this.shape = shape;
        this.rowFeatures = state.rows();
        this.rows = new WindowRows(environment, shape, slots * positions, slotwise ? slots : slots * positions);
        this.tensors = new Tensors(environment);
        this.features = rowFeatures == null
                ? null
                : Tensors.floats((long) slots * positions * shape.row().features());
        this.count = new int[slots];
        this.run = new SlotRun(
                positions, new int[slots], new int[slots], new long[slots], new long[slots * shape.aboveSize()]);
        run.size = slots;
        for (int m = 0; m < state.memories().size(); m++) {
            memories.add(new WindowMemory(state.memories().get(m), reads(m, slots), slots, positions));
        }
    }

    private WindowReads reads(int memory, int slots) throws GraphException {
        int first = shape.sourceOf(memory);
        if (!sources.containsKey(first)) {
            WindowReads reads = new WindowReads(
                    shape.state().memories().get(first).reads(), shape.raster(), slots, run.span);
            int size = slots * run.span * reads.perPosition();
            sources.put(first, new Sources(reads, new long[size], Tensors.longs(size)));
        }
        return sources.get(first).reads();
    }

    static MemoryWindow bind(
            OrtEnvironment environment, StepSessions sessions, StepShape shape, TensorNames names, StepState state,
            int slots, int positions, boolean slotwise) throws GraphException {
        MemoryWindow window = new MemoryWindow(environment, sessions, shape, state, slots, positions, slotwise);
        try {
            window.bind(names);
            return window;
        } catch (OrtException refused) {
            window.close();
            throw new GraphException("ONNX Runtime refused the memory of a window", refused);
        }
    }

    private void bind(TensorNames names) throws OrtException {
        int all = run.size * run.span;
        int batch = slotwise ? run.size : all;
        rows.bind(names, batch, all / batch, inputs, outputs);
        if (rowFeatures != null) {
            inputs.put(names.of("features"), tensors.over(features, batch, all / batch, shape.row().features()));
        }
        for (int m = 0; m < memories.size(); m++) {
            memories.get(m).bind(tensors, names, m, slotwise, inputs, outputs);
        }
        for (Map.Entry<Integer, Sources> entry : sources.entrySet()) {
            Sources source = entry.getValue();
            int reads = source.reads().perPosition();
            if (reads > 0) {
                inputs.put(
                        names.of("source", entry.getKey()),
                        slotwise
                                ? tensors.over(source.buffer(), batch, run.span, reads)
                                : tensors.over(source.buffer(), all, reads));
            }
        }
    }

    @Override
    public int slots() {
        return run.size;
    }

    @Override
    public int positions() {
        return run.span;
    }

    @Override
    public long[] context() {
        return rows.context;
    }

    @Override
    public long[] position() {
        return rows.position;
    }

    @Override
    public long[] above() {
        return run.above;
    }

    @Override
    public boolean fillsUp() {
        return true;
    }

    @Override
    public void place(int at, int slot, int from, int positions, long label) {
        run.slot[at] = slot;
        run.position[at] = from;
        run.label[at] = label;
        count[at] = positions;
        if (slotwise) {
            rows.label[at] = label;
        } else {
            Arrays.fill(rows.label, at * run.span, (at + 1) * run.span, label);
        }
    }

    @Override
    public float[] logits() {
        return rows.logits;
    }

    @Override
    public void run() throws GraphException {
        rows.beforeRun();
        for (Sources source : sources.values()) {
            for (int at = 0; at < run.size; at++) {
                source.reads().fill(at, run.position[at], count[at], source.values());
            }
            source.buffer().put(0, source.values());
        }
        for (WindowMemory memory : memories) {
            for (int at = 0; at < run.size; at++) {
                memory.fetch(at, run.slot[at], run.position[at]);
            }
        }
        if (rowFeatures != null) {
            fetchFeatures();
        }
        try {
            sessions.of(run.size * run.span).run(inputs, outputs).close();
            rows.afterRun();
        } catch (OrtException failed) {
            throw new GraphException("ONNX Runtime failed a window (" + failed.getCode() + ")", failed);
        }
    }

    private void fetchFeatures() throws GraphException {
        rowFeatures.beginRows(run);
        for (int row = 0; row < run.size * run.span; row++) {
            int at = row / run.span;
            int position = run.position[at] + Math.min(row % run.span, count[at] - 1);
            rowFeatures.copy(run.slot[at], position, features, row * shape.row().features());
        }
    }

    @Override
    public void keep(int at, int positions) {
        for (WindowMemory memory : memories) {
            memory.keep(at, run.slot[at], run.position[at], positions);
        }
    }

    @Override
    public void close() {
        rows.close();
        tensors.close();
    }
}
