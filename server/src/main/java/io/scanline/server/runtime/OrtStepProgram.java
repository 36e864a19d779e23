package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Steps on ONNX Runtime. All tensors are made once, one set for every batch size, over direct buffers that are
 * rewritten in place: making tensors anew costs as much as a small model's arithmetic.
 */
final class OrtStepProgram implements StepProgram {
    private final StepSessions sessions;
    private final StepShape shape;
    private final StepCache cache;
    private final int span;
    private final List<Binding> bindings = new ArrayList<>(); // by batch size less 1
    private final List<OnnxTensor> owned = new ArrayList<>();

    private final LongBuffer contextBuffer;
    private final LongBuffer positionBuffer;
    private final LongBuffer labelBuffer;
    private final IntBuffer seqlensBuffer;
    private final IntBuffer totalBuffer;
    private final FloatBuffer logitsBuffer;

    private final long[] context;
    private final long[] position;
    private final long[] label;
    private final int[] cached;
    private final int[] seqlens;
    private final float[] logits;

    /** What one run of a batch size takes and writes. The cache's tensors are in both. */
    private record Binding(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {}

    private OrtStepProgram(StepSessions sessions, StepShape shape, StepCache cache, int span) {
        this.sessions = sessions;
        this.shape = shape;
        this.cache = cache;
        this.span = span;
        int slots = cache.slots();
        contextBuffer = direct(slots * span * shape.context() * Long.BYTES).asLongBuffer();
        positionBuffer = direct(slots * span * Long.BYTES).asLongBuffer();
        labelBuffer = direct(slots * Long.BYTES).asLongBuffer();
        seqlensBuffer = direct(slots * Integer.BYTES).asIntBuffer();
        totalBuffer = direct(Integer.BYTES).asIntBuffer();
        logitsBuffer = direct(slots * span * shape.levels() * Float.BYTES).asFloatBuffer();
        context = new long[slots * span * shape.context()];
        position = new long[slots * span];
        label = new long[slots];
        cached = new int[slots];
        seqlens = new int[slots];
        logits = new float[slots * span * shape.levels()];
    }

    static OrtStepProgram bind(
            OrtEnvironment environment, StepSessions sessions, StepShape shape, StepNames names, StepCache cache,
            int span) throws GraphException {
        OrtStepProgram program = new OrtStepProgram(sessions, shape, cache, span);
        try {
            OnnxTensor total = program.own(OnnxTensor.createTensor(environment, program.totalBuffer, new long[0]));
            for (int batch = 1; batch <= cache.slots(); batch++) {
                program.bindings.add(program.bind(environment, names, total, batch));
            }
        } catch (OrtException refused) {
            program.close();
            throw new GraphException("ONNX Runtime refused the memory of the inputs", refused);
        }
        return program;
    }

    private Binding bind(OrtEnvironment environment, StepNames names, OnnxTensor total, int batch) throws OrtException {
        Map<String, OnnxTensor> inputs = new HashMap<>();
        Map<String, OnnxTensor> outputs = new HashMap<>();
        int k = shape.context();
        inputs.put(
                names.context(),
                own(OnnxTensor.createTensor(
                        environment, contextBuffer.slice(0, batch * span * k), new long[] {batch, span, k})));
        inputs.put(
                names.position(),
                own(OnnxTensor.createTensor(
                        environment, positionBuffer.slice(0, batch * span), new long[] {batch, span})));
        if (shape.labelled()) {
            inputs.put(
                    names.label(),
                    own(OnnxTensor.createTensor(environment, labelBuffer.slice(0, batch), new long[] {batch})));
        }
        inputs.put(
                names.seqlens(),
                own(OnnxTensor.createTensor(environment, seqlensBuffer.slice(0, batch), new long[] {batch})));
        inputs.put(names.total(), total);
        int levels = shape.levels();
        outputs.put(
                names.logits(),
                own(OnnxTensor.createTensor(
                        environment, logitsBuffer.slice(0, batch * span * levels), new long[] {batch, span, levels})));
        for (int layer = 0; layer < shape.layers(); layer++) {
            inputs.put(names.pastKeys().get(layer), cache.keys(layer, batch));
            inputs.put(names.pastValues().get(layer), cache.values(layer, batch));
            outputs.put(names.presentKeys().get(layer), cache.keys(layer, batch));
            outputs.put(names.presentValues().get(layer), cache.values(layer, batch));
        }
        return new Binding(inputs, outputs);
    }

    private OnnxTensor own(OnnxTensor tensor) {
        owned.add(tensor);
        return tensor;
    }

    @Override
    public int slots() {
        return cache.slots();
    }

    @Override
    public int span() {
        return span;
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
        return label;
    }

    @Override
    public int[] cached() {
        return cached;
    }

    @Override
    public float[] logits() {
        return logits;
    }

    @Override
    public void run(int batch) throws GraphException {
        int longest = 0;
        for (int slot = 0; slot < batch; slot++) {
            int length = cached[slot] + span;
            if (length > shape.positions()) {
                throw new GraphException("a slot would hold " + length + " positions; the cache has room for "
                        + shape.positions());
            }
            seqlens[slot] = length - 1;
            longest = Math.max(longest, length);
        }
        contextBuffer.put(0, context, 0, batch * span * shape.context());
        positionBuffer.put(0, position, 0, batch * span);
        labelBuffer.put(0, label, 0, batch);
        seqlensBuffer.put(0, seqlens, 0, batch);
        totalBuffer.put(0, longest);
        Binding binding = bindings.get(batch - 1);
        OrtSession session = sessions.of(batch * span);
        try (OrtSession.Result pinned = session.run(binding.inputs(), binding.outputs())) {
            logitsBuffer.get(0, logits, 0, batch * span * shape.levels());
        } catch (OrtException failed) {
            throw new GraphException("ONNX Runtime failed a step (" + failed.getCode() + ")", failed);
        }
    }

    @Override
    public void move(int from, int to, int positions) {
        cache.move(from, to, positions);
    }

    @Override
    public void close() {
        owned.forEach(OnnxTensor::close);
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
