package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Chunks on ONNX Runtime. The tensors of a batch size and of so many positions shown are made when they are first
 * needed and kept, over direct buffers that are rewritten in place.
 *
 * <p>A slot alone may be computed twice, side by side: ONNX Runtime multiplies one row by a matrix that it has not
 * packed, as those of 16-bit floats are not, with another kernel than several rows, which adds up in another order.
 * Between batches of two and more no bit was seen to differ.
 */
final class OrtChunkProgram implements ChunkProgram {
    private final StepSessions sessions;
    private final TensorNames names;
    private final ChunkShape shape;
    private final int slots;
    private final int least; // rows of a run
    private final int span;
    private final HostKeyValues cache;
    private final Tensors tensors;
    private final Map<Shown, Binding> bindings = new HashMap<>();

    private final Longs values;
    private final Longs first;
    private final Longs label;
    private final Longs given;
    private final Longs topK;
    private final Longs own;
    private final Longs other;
    private final Longs drawn;
    private final Floats uniform;
    private final Floats temperature;
    private final Floats topP;
    private final Floats guidance;
    private final Floats logProbability;
    private final FloatBuffer condition;

    /** Slots of a run, and positions of them that it is shown. */
    private record Shown(int batch, int positions) {}

    /** What one run takes and writes. */
    private record Binding(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {}

    /** Numbers of every slot: what the caller sees, and the memory that the runtime sees. */
    private record Longs(int ofSlot, long[] array, LongBuffer memory) {
        static Longs of(int slots, int ofSlot) throws GraphException {
            LongBuffer memory = Tensors.longs((long) slots * ofSlot);
            return new Longs(ofSlot, new long[slots * ofSlot], memory);
        }

        /** Hands the first slots to the runtime, the last of them several times where more rows are computed. */
        void give(int batch, int rows) {
            memory.put(0, array, 0, batch * ofSlot);
            for (int row = batch; row < rows; row++) {
                memory.put(row * ofSlot, array, (batch - 1) * ofSlot, ofSlot);
            }
        }
    }

    /** The same of floats. */
    private record Floats(int ofSlot, float[] array, FloatBuffer memory) {
        static Floats of(int slots, int ofSlot) throws GraphException {
            FloatBuffer memory = Tensors.floats((long) slots * ofSlot);
            return new Floats(ofSlot, new float[slots * ofSlot], memory);
        }

        void give(int batch, int rows) {
            memory.put(0, array, 0, batch * ofSlot);
            for (int row = batch; row < rows; row++) {
                memory.put(row * ofSlot, array, (batch - 1) * ofSlot, ofSlot);
            }
        }
    }

    /** @param least rows that a run computes at least, 1 or 2 */
    OrtChunkProgram(
            OrtEnvironment environment, StepSessions sessions, TensorNames names, ChunkShape shape, int slots,
            int least, int span) throws GraphException {
        this.sessions = sessions;
        this.names = names;
        this.shape = shape;
        this.slots = slots;
        this.least = least;
        this.span = span;
        int rows = Math.max(slots, least);
        values = Longs.of(rows, shape.steps());
        first = Longs.of(rows, 1);
        label = Longs.of(rows, 1);
        given = Longs.of(rows, span);
        topK = Longs.of(rows, 1);
        own = Longs.of(rows, 1);
        other = Longs.of(rows, 1);
        drawn = Longs.of(rows, span);
        uniform = Floats.of(rows, span);
        temperature = Floats.of(rows, 1);
        topP = Floats.of(rows, 1);
        guidance = Floats.of(rows, 1);
        logProbability = Floats.of(rows, span);
        condition = Tensors.floats((long) rows * shape.condition());
        tensors = new Tensors(environment);
        cache = new HostKeyValues(environment, shape.cache(), rows, span);
    }

    private Binding binding(int batch, int positions) throws OrtException {
        Shown shown = new Shown(batch, positions);
        Binding known = bindings.get(shown);
        if (known == null) {
            known = bind(batch, positions);
            bindings.put(shown, known);
        }
        return known;
    }

    private Binding bind(int batch, int positions) throws OrtException {
        Map<String, OnnxTensor> inputs = new HashMap<>();
        Map<String, OnnxTensor> outputs = new HashMap<>();
        inputs.put(names.of("values"), tensors.over(values.memory(), batch, shape.steps()));
        inputs.put(names.of("first"), tensors.over(first.memory(), batch));
        inputs.put(names.of("given"), tensors.over(given.memory(), batch, span));
        inputs.put(names.of("uniform"), tensors.over(uniform.memory(), batch, span));
        inputs.put(names.of("temperature"), tensors.over(temperature.memory(), batch));
        inputs.put(names.of("top_k"), tensors.over(topK.memory(), batch));
        inputs.put(names.of("top_p"), tensors.over(topP.memory(), batch));
        if (shape.labelled()) {
            inputs.put(names.of("label"), tensors.over(label.memory(), batch));
        }
        if (shape.condition() > 0) {
            inputs.put(names.of("condition"), tensors.over(condition, batch, shape.condition()));
            inputs.put(names.of("own"), tensors.over(own.memory(), batch));
            inputs.put(names.of("other"), tensors.over(other.memory(), batch));
            inputs.put(names.of("guidance"), tensors.over(guidance.memory(), batch));
        }
        outputs.put(names.of("drawn"), tensors.over(drawn.memory(), batch, span));
        outputs.put(names.of("log_probability"), tensors.over(logProbability.memory(), batch, span));
        cache.bind(names, batch, positions, inputs, outputs);
        return new Binding(inputs, outputs);
    }

    @Override
    public void run(int batch) throws GraphException {
        long longest = 0;
        for (int slot = 0; slot < batch; slot++) {
            longest = Math.max(longest, first.array()[slot]);
        }
        if (longest >= shape.steps()) {
            throw new GraphException(
                    "a slot would go on from position " + longest + " of an image of " + shape.steps());
        }
        int positions = cache.shownFor(longest);
        int rows = Math.max(batch, least);
        cache.show(batch, rows, first.array(), positions);
        for (Longs input : new Longs[] {values, first, label, given, topK, own, other}) {
            input.give(batch, rows);
        }
        for (Floats input : new Floats[] {uniform, temperature, topP, guidance}) {
            input.give(batch, rows);
        }
        try {
            Binding binding = binding(rows, positions);
            try (OrtSession.Result pinned = sessions.of(rows).run(binding.inputs(), binding.outputs())) {
                drawn.memory().get(0, drawn.array(), 0, batch * span);
                logProbability.memory().get(0, logProbability.array(), 0, batch * span);
            }
        } catch (OrtException failed) {
            throw new GraphException("ONNX Runtime failed a chunk (" + failed.getCode() + ")", failed);
        }
        cache.keep(batch, first.array());
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public int span() {
        return span;
    }

    @Override
    public long[] values() {
        return values.array();
    }

    @Override
    public long[] first() {
        return first.array();
    }

    @Override
    public long[] label() {
        return label.array();
    }

    @Override
    public FloatBuffer condition() {
        return condition;
    }

    @Override
    public long[] given() {
        return given.array();
    }

    @Override
    public float[] uniform() {
        return uniform.array();
    }

    @Override
    public float[] temperature() {
        return temperature.array();
    }

    @Override
    public long[] topK() {
        return topK.array();
    }

    @Override
    public float[] topP() {
        return topP.array();
    }

    @Override
    public long[] own() {
        return own.array();
    }

    @Override
    public long[] other() {
        return other.array();
    }

    @Override
    public float[] guidance() {
        return guidance.array();
    }

    @Override
    public long[] drawn() {
        return drawn.array();
    }

    @Override
    public float[] logProbability() {
        return logProbability.array();
    }

    @Override
    public void move(int from, int to, int positions) {
        cache.move(from, to, positions);
    }

    @Override
    public long slotBytes() {
        return cache.slotBytes();
    }

    @Override
    public void close() {
        cache.close();
        tensors.close();
    }
}
