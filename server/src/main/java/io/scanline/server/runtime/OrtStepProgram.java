package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Steps on ONNX Runtime. Tensors lie over direct buffers that are rewritten in place, and one set is kept for every group of
 * slots that was ever run: making tensors anew costs as much as a small model's arithmetic.
 */
final class OrtStepProgram implements StepProgram {
    /** Who made the stride may have something to do that nobody told it. */
    private static final long LONGEST_STRIDE_NANOS = 100_000_000;

    private final StepShape shape;
    private final TensorNames names;
    private final StepState state;
    private final Tensors tensors;
    private final SlotParts parts;
    private final Team team;

    private final LongBuffer contextBuffer;
    private final LongBuffer positionBuffer;
    private final LongBuffer labelBuffer;
    private final FloatBuffer condition;
    private final FloatBuffer logitsBuffer;

    private final long[] context;
    private final long[] position;
    private final float[] logits;
    private final SlotRun run;

    /** Makes the buffers; ONNX Runtime is shown those of a run of so many slots when there is one. */
    OrtStepProgram(
            OrtEnvironment environment, StepSessions sessions, StepShape shape, TensorNames names, StepState state,
            int span) throws GraphException {
        this.shape = shape;
        this.names = names;
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
        team = sessions.team();
        parts = new SlotParts(sessions, slots, span, state.divides() ? 1 : 2, this::bind);
        run = new SlotRun(span, every, new int[slots], new long[slots], new long[slots * shape.aboveSize()]);
    }

    private void bind(int first, int slots, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs)
            throws OrtException {
        int at = first * run.span; // position
        LongBuffer shown = Tensors.from(contextBuffer, at * shape.context());
        inputs.put(names.of("context"), tensors.over(shown, slots, run.span, shape.context()));
        inputs.put(names.of("position"), tensors.over(Tensors.from(positionBuffer, at), slots, run.span));
        if (shape.labelled()) {
            inputs.put(names.of("label"), tensors.over(Tensors.from(labelBuffer, first), slots));
        }
        if (shape.condition() > 0) {
            FloatBuffer text = Tensors.from(condition, first * shape.condition());
            inputs.put(names.of("condition"), tensors.over(text, slots, shape.condition()));
        }
        FloatBuffer answer = Tensors.from(logitsBuffer, at * shape.levels());
        outputs.put(names.of("logits"), tensors.over(answer, slots, run.span, shape.levels()));
        state.bind(first, slots, inputs, outputs);
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
        run(run.part(0, batch), () -> parts.run(batch));
    }

    @Override
    public void stride(int batch, Stride stride) throws GraphException {
        if (!state.divides()) {
            strideTogether(batch, stride);
            return;
        }
        PartChoice choice = parts.choice(batch);
        int groups = choice.next();
        long nanos = choice.left() == 0 ? PartChoice.TIMED_NANOS : Math.min(LONGEST_STRIDE_NANOS, choice.left());
        long begun = System.nanoTime();
        AtomicBoolean over = new AtomicBoolean(); // for all groups
        AtomicInteger runs = new AtomicInteger(); // of all groups
        team.run(groups, group -> {
            int first = group * batch / groups;
            SlotRun own = run.part(first, (group + 1) * batch / groups - first);
            try {
                runs.addAndGet(runOn(own, stride, begun + nanos, over));
            } finally {
                over.set(true);
            }
        });
        choice.took(batch, System.nanoTime() - begun, (double) runs.get() / groups);
    }

    /** Runs a group again and again; returns how often. */
    private int runOn(SlotRun group, Stride stride, long until, AtomicBoolean over) throws GraphException {
        int runs = 0;
        long begun;
        do {
            begun = System.nanoTime();
            stride.show(group.first, group.size);
            run(group, () -> parts.run(group.first, group.size));
            runs++;
        } while (stride.ran(group.first, group.size, System.nanoTime() - begun) && begun - until < 0 && !over.get());
        return runs;
    }

    /** Runs a graph for some slots. */
    private interface Running {
        void run() throws GraphException;
    }

    private void run(SlotRun slots, Running running) throws GraphException {
        state.beforeRun(slots);
        put(contextBuffer, context, slots, run.span * shape.context());
        put(positionBuffer, position, slots, run.span);
        put(labelBuffer, run.label, slots, 1);
        running.run();
        int values = run.span * shape.levels(); // of a slot
        logitsBuffer.get(slots.first * values, logits, slots.first * values, slots.size * values);
        state.afterRun(slots);
    }

    private static void put(LongBuffer into, long[] from, SlotRun slots, int values) {
        into.put(slots.first * values, from, slots.first * values, slots.size * values);
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
