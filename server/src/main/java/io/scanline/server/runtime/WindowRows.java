package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;

/** What every position of a window is shown and answers, over memory that is rewritten in place. */
final class WindowRows implements AutoCloseable {
    final long[] context;
    final long[] position;
    final long[] label;
    final float[] logits;
    private final StepShape shape;
    private final Tensors tensors;
    private final LongBuffer contextBuffer;
    private final LongBuffer positionBuffer;
    private final LongBuffer labelBuffer;
    private final FloatBuffer logitsBuffer;

    /**
     * @param rows positions of all slots together
     * @param labels classes of a run
     */
    WindowRows(OrtEnvironment environment, StepShape shape, int rows, int labels) throws GraphException {
        this.shape = shape;
        tensors = new Tensors(environment);
        context = new long[rows * shape.context()];
        position = new long[rows];
        label = new long[labels];
        logits = new float[rows * shape.levels()];
        contextBuffer = Tensors.longs(context.length);
        positionBuffer = Tensors.longs(rows);
        labelBuffer = Tensors.longs(labels);
        logitsBuffer = Tensors.floats(logits.length);
    }

    /** Adds tensors [batch,span,..]. */
    void bind(
            TensorNames names, int batch, int span, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs)
            throws OrtException {
        inputs.put(names.of("context"), tensors.over(contextBuffer, batch, span, shape.context()));
        inputs.put(names.of("position"), tensors.over(positionBuffer, batch, span));
        if (shape.labelled()) {
            inputs.put(names.of("label"), tensors.over(labelBuffer, label.length));
        }
        outputs.put(names.of("logits"), tensors.over(logitsBuffer, batch, span, shape.levels()));
    }

    void beforeRun() {
        contextBuffer.put(0, context);
        positionBuffer.put(0, position);
        labelBuffer.put(0, label);
    }

    void afterRun() {
        logitsBuffer.get(0, logits);
    }

    @Override
    public void close() {
        tensors.close();
    }
}
