package io.scanline.server.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The least that a step loop can be: one session, one set of pinned tensors, positions written, run, next. No sampling,
 * no queue, no slots that come and go. What the engine is measured against.
 */
public final class BareStepLoop implements AutoCloseable {
    private final OrtSession session;
    private final StepShape shape;
    private final int slots;
    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    private final Map<String, OnnxValue> outputs = new HashMap<>();
    private final List<OnnxTensor> owned = new ArrayList<>();
    private final LongBuffer position;
    private final IntBuffer seqlens;
    private final IntBuffer total;

    /**
     * Loads the graph into a session of its own, with the options of {@link StepGraph}.
     *
     * @param slots slots of every run
     */
    public BareStepLoop(byte[] onnx, StepShape shape, Map<String, String> tensors, int slots, int threads)
            throws GraphException {
        this.shape = shape;
        this.slots = slots;
        OrtEnvironment environment = OnnxEnvironment.get();
        StepNames names = StepNames.of(tensors, shape);
        session = StepSessions.session(environment, onnx, StepSessions.threadsFor(slots, threads));
        position = direct(slots * Long.BYTES).asLongBuffer();
        seqlens = direct(slots * Integer.BYTES).asIntBuffer();
        total = direct(Integer.BYTES).asIntBuffer();
        try {
            bind(environment, names);
        } catch (OrtException refused) {
            close();
            throw new GraphException("ONNX Runtime refused the tensors of the bare loop", refused);
        }
    }

    private void bind(OrtEnvironment environment, StepNames names) throws OrtException {
        LongBuffer context = direct(slots * shape.context() * Long.BYTES).asLongBuffer();
        inputs.put(
                names.context(),
                own(OnnxTensor.createTensor(environment, context, new long[] {slots, 1, shape.context()})));
        inputs.put(names.position(), own(OnnxTensor.createTensor(environment, position, new long[] {slots, 1})));
        if (shape.labelled()) {
            LongBuffer label = direct(slots * Long.BYTES).asLongBuffer();
            inputs.put(names.label(), own(OnnxTensor.createTensor(environment, label, new long[] {slots})));
        }
        inputs.put(names.seqlens(), own(OnnxTensor.createTensor(environment, seqlens, new long[] {slots})));
        inputs.put(names.total(), own(OnnxTensor.createTensor(environment, total, new long[0])));
        ByteBuffer logits = direct(slots * shape.levels() * Float.BYTES);
        outputs.put(
                names.logits(),
                own(OnnxTensor.createTensor(
                        environment, logits.asFloatBuffer(), new long[] {slots, 1, shape.levels()})));
        long[] cache = {slots, shape.heads(), shape.positions(), shape.headSize()};
        for (int layer = 0; layer < shape.layers(); layer++) {
            bindCache(environment, names.pastKeys().get(layer), names.presentKeys().get(layer), cache);
            bindCache(environment, names.pastValues().get(layer), names.presentValues().get(layer), cache);
        }
    }

    private void bindCache(OrtEnvironment environment, String past, String present, long[] dimensions)
            throws OrtException {
        ByteBuffer memory = direct(Math.toIntExact(shape.slotBytes() * slots));
        OnnxTensor inPlace = own(OnnxTensor.createTensor(environment, memory, dimensions, OnnxJavaType.FLOAT));
        inputs.put(past, inPlace);
        outputs.put(present, inPlace);
    }

    private OnnxTensor own(OnnxTensor tensor) {
        owned.add(tensor);
        return tensor;
    }

    /**
     * Takes steps: slot s is at position (first[s] + t) modulo {@code length} in step t.
     *
     * @return nanoseconds
     */
    public long run(int[] first, int count, int length) throws GraphException {
        long begun = System.nanoTime();
        try {
            for (int t = 0; t < count; t++) {
                int longest = 0;
                for (int slot = 0; slot < slots; slot++) {
                    int at = (first[slot] + t) % length;
                    position.put(slot, at);
                    seqlens.put(slot, at);
                    longest = Math.max(longest, at + 1);
                }
                total.put(0, longest);
                session.run(inputs, outputs).close();
            }
        } catch (OrtException failed) {
            throw new GraphException("ONNX Runtime failed a step of the bare loop", failed);
        }
        return System.nanoTime() - begun;
    }

    @Override
    public void close() {
        owned.forEach(OnnxTensor::close);
        try {
            session.close();
        } catch (OrtException impossible) {
            throw new IllegalStateException("ONNX Runtime did not release a session", impossible);
        }
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
