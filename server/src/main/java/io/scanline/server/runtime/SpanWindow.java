package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A window of one slot for a step graph with keys and values, which takes several positions of one slot itself. What it
 * writes of positions that are not kept is never read, and is overwritten when they are computed again.
 */
final class SpanWindow implements WindowProgram {
    private final StepSessions sessions;
    private final List<KeyValueState> state;
    private final WindowRows rows;
    private final SlotRun run;
    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    private final Map<String, OnnxTensor> outputs = new HashMap<>();

    private SpanWindow(
            OrtEnvironment environment, StepSessions sessions, StepShape shape, StepState state, int positions)
            throws GraphException {
        this.sessions = sessions;
        this.state = state.keyValues();
        this.rows = new WindowRows(environment, shape, positions, 1);
        this.run = new SlotRun(positions, new int[1], new int[1], rows.label, new long[0]);
        run.size = 1;
    }

    static SpanWindow bind(
            OrtEnvironment environment, StepSessions sessions, StepShape shape, TensorNames names, StepState state,
            int positions) throws GraphException {
        SpanWindow window = new SpanWindow(environment, sessions, shape, state, positions);
        try {
            window.rows.bind(names, 1, positions, window.inputs, window.outputs);
            return window;
        } catch (OrtException refused) {
            window.close();
            throw new GraphException("ONNX Runtime refused the memory of a window", refused);
        }
    }

    @Override
    public int slots() {
        return 1;
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
        return false;
    }

    @Override
    public void place(int at, int slot, int from, int count, long label) {
        if (count != run.span) {
            throw new IllegalArgumentException("a window of " + run.span + " positions cannot hold " + count);
        }
        run.slot[0] = slot;
        run.position[0] = from;
        rows.label[0] = label;
    }

    @Override
    public float[] logits() {
        return rows.logits;
    }

    @Override
    public void run() throws GraphException {
        rows.beforeRun();
        for (KeyValueState part : state) {
            part.beforeRunAlone(run);
        }
        try {
            for (KeyValueState part : state) {
                part.bindAlone(run.slot[0], inputs, outputs);
            }
            sessions.of(1).run(inputs, outputs).close(); // more threads made windows of up to 32 positions no quicker
            rows.afterRun();
        } catch (OrtException failed) {
            throw new GraphException("ONNX Runtime failed a window (" + failed.getCode() + ")", failed);
        }
    }

    @Override
    public void keep(int at, int count) {
        // The graph wrote in place, and a slot's length is told at every run.
    }

    @Override
    public void close() {
        rows.close();
    }
}
