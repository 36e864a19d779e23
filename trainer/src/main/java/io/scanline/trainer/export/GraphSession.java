package io.scanline.trainer.export;

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
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Runs a graph on one thread, with classes beside its inputs if it takes any. Numbers are floats, whole ones too. Not safe for
 * use by several threads.
 */
final class GraphSession implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final Graph graph;
    private final List<String> inputs;

    /** A session of the graph of a role, that is fed by the inputs of these contract names. */
    GraphSession(StoredBundle stored, String role, String... inputs) throws OrtException {
        this.graph = stored.required(role);
        this.inputs = Stream.of(inputs).map(graph::getTensorsOrThrow).toList();
        this.session = stored.session(graph);
    }

    /** Whether the graph takes a class of every item. */
    boolean labelled() {
        return graph.containsTensors(LatentSession.LABEL);
    }

    /** The outputs, by contract name, of this many inputs one behind the other. */
    Map<String, float[]> run(float[] numbers, int batch) throws OrtException {
        return run(List.of(numbers), batch);
    }

    /** The same of items of these classes, which a graph that knows of none does not read. */
    Map<String, float[]> run(float[] numbers, long[] labels) throws OrtException {
        return run(List.of(numbers), labels);
    }

    /** The same of a graph with several inputs, in the order of their names. */
    Map<String, float[]> run(List<float[]> numbers, int batch) throws OrtException {
        return run(numbers, new long[batch]);
    }

    private Map<String, float[]> run(List<float[]> numbers, long[] labels) throws OrtException {
        Map<String, OnnxTensor> fed = new HashMap<>();
        Map<String, float[]> outputs = new HashMap<>();
        try {
            for (int i = 0; i < inputs.size(); i++) {
                TensorInfo info = (TensorInfo) session.getInputInfo().get(inputs.get(i)).getInfo();
                long[] shape = info.getShape();
                shape[0] = labels.length;
                fed.put(inputs.get(i), tensor(numbers.get(i), shape, info.type == OnnxJavaType.INT64));
            }
            if (labelled()) {
                fed.put(
                        graph.getTensorsOrThrow(LatentSession.LABEL),
                        OnnxTensor.createTensor(environment, LongBuffer.wrap(labels), new long[] {labels.length}));
            }
            try (OrtSession.Result result = session.run(fed)) {
                for (Map.Entry<String, String> name : graph.getTensorsMap().entrySet()) {
                    if (!fed.containsKey(name.getValue())) {
                        outputs.put(name.getKey(), numbers(result.get(name.getValue()).orElseThrow()));
                    }
                }
            }
        } finally {
            fed.values().forEach(OnnxTensor::close);
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
