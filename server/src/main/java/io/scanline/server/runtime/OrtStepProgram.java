package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Steps on ONNX Runtime. All tensors are made once, one set for every batch size, over direct buffers that are
 * rewritten in place: making tensors anew costs as much as a small model's arithmetic.
 */
final class OrtStepProgram implements StepProgram {
    private final StepSessions sessions;
    private final StepShape shape;
    private final StepState state;
    private final Tensors tensors;
    private final List<Binding> bindings = new ArrayList<>(); // by batch size less 1

    private final LongBuffer contextBuffer;
    private final LongBuffer positionBuffer;
    private final LongBuffer labelBuffer;
    private final FloatBuffer condition;
    private final FloatBuffer logitsBuffer;

    private final long[] context;
    private final long[] position;
    private final float[] logits;
    private final SlotRun run;

    /** What one run of a batch size takes and writes. */
    private record Binding(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {}

    private OrtStepProgram(
            OrtEnvironment environment, StepSessions sessions, StepShape shape, StepState state, int span)
            throws GraphException {
        this.sessions = sessions;
        this.shape = shape;
        this.state = state;
        this.tensors = new Tensors(environment);
        int slots = state.slots();
        contextBuffer = Tensors.longs((long) slots * span * shape.context());
        positionBuffer = Tensors.longs((long) slots * span);
        labelBuffer = Tensors.longs(slots);
        condition = Tensors.floats((long) slots * shape.condition());
        logitsBuffer = Tensors.floats((long) slots * span * shape.levels());
        context = new long[slots * span * shape.context()];
        position = new long[slots * span];
        logits = new float[slots * span * shape.levels()];
        int[] every = IntStream.range(0, slots).toArray();
        run = new SlotRun(span, every, new int[slots], new long[slots], new long[slots * shape.aboveSize()]);
    }

    static OrtStepProgram bind(
            OrtEnvironment environment, StepSessions sessions, StepShape shape, TensorNames names, StepState state,
            int span) throws GraphException {
        OrtStepProgram program = new OrtStepProgram(environment, sessions, shape, state, span);
        try {
            for (int batch = 1; batch <= state.slots(); batch++) {
                program.bindings.add(program.bind(names, batch));
            }
        } catch (OrtException refused) {
            program.close();
            throw new GraphException("ONNX Runtime refused the memory of the inputs", refused);
        }
        return program;
    }

    private Binding bind(TensorNames names, int batch) throws OrtException {
        Map<String, OnnxTensor> inputs = new HashMap<>();
        Map<String, OnnxTensor> outputs = new HashMap<>();
        inputs.put(names.of("context"), tensors.over(contextBuffer, batch, run.span, shape.context()));
        inputs.put(names.of("position"), tensors.over(positionBuffer, batch, run.span));
        if (shape.labelled()) {
            inputs.put(names.of("label"), tensors.over(labelBuffer, batch));
        }
        if (shape.condition() > 0) {
            inputs.put(names.of("condition"), tensors.over(condition, batch, shape.condition()));
        }
        outputs.put(names.of("logits"), tensors.over(logitsBuffer, batch, run.span, shape.levels()));
        state.bind(batch, inputs, outputs);
        return new Binding(inputs, outputs);
    }

    @Override
    public int slots() {
        return state.slots();
    }

    @Override
    public int span() {
        return run.span;
    }

    @Override
    public long[] context() {
        return context;
    }

    @Override
    public long[] position() {
        return position;
    }

    @Override
    public long[] label() {
        return run.label;
    }

    @Override
    public FloatBuffer condition() {
        return condition;
    }

    @Override
    public int[] cached() {
        return run.position;
    }

    @Override
    public long[] above() {
        return run.above;
    }

    @Override
    public float[] logits() {
        return logits;
    }

    @Override
    public void run(int batch) throws GraphException {
        run.size = batch;
        state.beforeRun(run);
        contextBuffer.put(0, context, 0, batch * run.span * shape.context());
        positionBuffer.put(0, position, 0, batch * run.span);
        labelBuffer.put(0, run.label, 0, batch);
        Binding binding = bindings.get(batch - 1);
        OrtSession session = sessions.of(batch * run.span);
        try (OrtSession.Result pinned = session.run(binding.inputs(), binding.outputs())) {
            logitsBuffer.get(0, logits, 0, batch * run.span * shape.levels());
        } catch (OrtException failed) {
            throw new GraphException("ONNX Runtime failed a step (" + failed.getCode() + ")", failed);
        }
        state.afterRun(run);
    }

    @Override
    public void move(int from, int to, int positions) {
        state.move(from, to, positions);
    }

    @Override
    public void close() {
        tensors.close();
    }
}
