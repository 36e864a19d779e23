package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;

/** Inputs and outputs of a graph that goes on with texts, its keys and values aside: of B slots, S positions each. */
final class TextStepTensors implements AutoCloseable {
    private final TextStepShape shape;
    private final int span;
    private final Tensors made;
    private final FloatBuffer vector; // [B,S,D], zeros where there is an id
    private final LongBuffer tokenBuffer; // [B,S]
    private final LongBuffer positionBuffer; // [B,S]
    private final FloatBuffer logitsBuffer; // [B,S,V]
    private final long[] token;
    private final long[] position;
    private final float[] logits;
    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    private final Map<String, OnnxTensor> outputs = new HashMap<>();

    TextStepTensors(OrtEnvironment environment, TextStepShape shape, int slots, int span) throws GraphException {
        this.shape = shape;
        this.span = span;
        this.made = new Tensors(environment);
        long positions = (long) slots * span;
        this.vector = Tensors.floats(positions * shape.width());
        this.tokenBuffer = Tensors.longs(positions);
        this.positionBuffer = Tensors.longs(positions);
        this.logitsBuffer = Tensors.floats(positions * shape.vocabulary());
        this.token = new long[(int) positions];
        this.position = new long[(int) positions];
        this.logits = new float[(int) positions * shape.vocabulary()];
    }

    /** Adds its tensors to those of runs of so many slots. */
    void bind(TensorNames names, int batch, Map<String, OnnxTensor> to, Map<String, OnnxTensor> from)
            throws OrtException {
        to.put(names.of("vector"), made.over(vector, batch, span, shape.width()));
        to.put(names.of("token"), made.over(tokenBuffer, batch, span));
        to.put(names.of("position"), made.over(positionBuffer, batch, span));
        from.put(names.of("logits"), made.over(logitsBuffer, batch, span, shape.vocabulary()));
    }

    /** Makes the tensors of {@link #inputs()} and {@link #outputs()}, for runs of one slot. */
    void bindOnce(TensorNames names) throws OrtException {
        bind(names, 1, inputs, outputs);
    }

    Map<String, OnnxTensor> inputs() {
        return inputs;
    }

    Map<String, OnnxTensor> outputs() {
        return outputs;
    }

    FloatBuffer vector() {
        return vector;
    }

    long[] token() {
        return token;
    }

    long[] position() {
        return position;
    }

    float[] logits() {
        return logits;
    }

    /** Shows the graph the first so many positions, runs it and takes their logits. */
    void run(
            OrtSession session, Map<String, OnnxTensor> to, Map<String, OnnxTensor> from, int positions)
            throws OrtException {
        tokenBuffer.put(0, token, 0, positions);
        positionBuffer.put(0, position, 0, positions);
        session.run(to, from).close();
        logitsBuffer.get(0, logits, 0, positions * shape.vocabulary());
    }

    @Override
    public void close() {
        made.close();
    }
}
