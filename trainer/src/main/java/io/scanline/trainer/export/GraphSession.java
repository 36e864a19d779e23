package io.scanline.trainer.export;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.scanline.bundle.v1.Graph;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;

/** Runs a graph of one input, and perhaps a class beside it, on one thread. Numbers are floats, whole ones too. Not safe for use by several threads. */
final class GraphSession implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final Graph graph;
    private final String input;

    /** A session of the graph of a role, that is fed by the input of this contract name. */
    GraphSession(StoredBundle stored, String role, String input) throws OrtException {
        this.graph = stored.required(role);
        this.input = graph.getTensorsOrThrow(input);
        this.session = stored.session(graph);
    }

    /** Whether the graph takes a class of every item. */
    boolean labelled() {
        return graph.containsTensors(LatentSession.LABEL);
    }

    /** The outputs, by contract name, of this many inputs one behind the other. */
    Map<String, float[]> run(float[] numbers, int batch) throws OrtException {
        return run(numbers, new long[batch]);
    }

    /** The same of items of these classes, which a graph that knows of none does not read. */
    Map<String, float[]> run(float[] numbers, long[] labels) throws OrtException {
        NodeInfo node = session.getInputInfo().get(input);
        TensorInfo info = (TensorInfo) node.getInfo();
        long[] shape = info.getShape();
        shape[0] = labels.length;
        Map<String, float[]> outputs = new HashMap<>();
        try (OnnxTensor fed = tensor(numbers, shape, info.type == OnnxJavaType.INT64);
                OnnxTensor classes =
                        OnnxTensor.createTensor(environment, LongBuffer.wrap(labels), new long[] {labels.length})) {
            Map<String, OnnxTensor> inputs = new HashMap<>(Map.of(input, fed));
            if (labelled()) {
                inputs.put(graph.getTensorsOrThrow(LatentSession.LABEL), classes);
            }
            try (OrtSession.Result result = session.run(inputs)) {
                for (Map.Entry<String, String> name : graph.getTensorsMap().entrySet()) {
                    if (!inputs.containsKey(name.getValue())) {
                        outputs.put(name.getKey(), numbers(result.get(name.getValue()).orElseThrow()));
                    }
                }
            }
        }
        return outputs;
    }

    private OnnxTensor tensor(float[] numbers, long[] shape, boolean whole) throws OrtException {
        if (!whole) {
            return OnnxTensor.createTensor(environment, FloatBuffer.wrap(numbers), shape);
        }
        long[] values = new long[numbers.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (long) numbers[i];
        }
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape);
    }

    private static float[] numbers(OnnxValue value) {
        OnnxTensor tensor = (OnnxTensor) value;
        if (tensor.getInfo().type != OnnxJavaType.INT64) {
            float[] numbers = new float[tensor.getFloatBuffer().remaining()];
            tensor.getFloatBuffer().get(numbers);
            return numbers;
        }
        LongBuffer whole = tensor.getLongBuffer();
        float[] numbers = new float[whole.remaining()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = whole.get(i);
        }
        return numbers;
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
