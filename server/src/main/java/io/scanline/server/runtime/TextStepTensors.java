package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
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

    /** Adds its tensors to those of runs of slots beside each other. */
    void bind(TensorNames names, int first, int slots, Map<String, OnnxTensor> to, Map<String, OnnxTensor> from)
            throws OrtException {
        int at = first * span; // position
        to.put(names.of("vector"), made.over(Tensors.from(vector, at * shape.width()), slots, span, shape.width()));
        to.put(names.of("token"), made.over(Tensors.from(tokenBuffer, at), slots, span));
        to.put(names.of("position"), made.over(Tensors.from(positionBuffer, at), slots, span));
        FloatBuffer answer = Tensors.from(logitsBuffer, at * shape.vocabulary());
        from.put(names.of("logits"), made.over(answer, slots, span, shape.vocabulary()));
    }

    /** Makes the tensors of {@link #inputs()} and {@link #outputs()}, for runs of one slot. */
    void bindOnce(TensorNames names) throws OrtException {
        bind(names, 0, 1, inputs, outputs);
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

    /** Shows a run the first so many positions. */
    void show(int positions) {
        tokenBuffer.put(0, token, 0, positions);
        positionBuffer.put(0, position, 0, positions);
    }

    /** Takes the logits of the first so many positions. */
    void take(int positions) {
        logitsBuffer.get(0, logits, 0, positions * shape.vocabulary());
    }

    @Override
    public void close() {
        made.close();
    }
}
