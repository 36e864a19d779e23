package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import com.google.protobuf.InvalidProtocolBufferException;
import io.scanline.bundle.v1.Graph;
import io.scanline.trainer.onnx.ModelProto;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.OnnxGraph;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs a bundle's steps, one image and its first positions at once, and shows numbers from within the graph. */
final class WatchedSteps implements AutoCloseable {
    private final Map<String, HostTensor> watched = new HashMap<>();
    private final StepSession session;
    private final int positions;

    /**
     * Watches some values of the step graph.
     *
     * @param stored a bundle with a KV cache
     * @param positions S, those of a run
     * @param widths C of every value to watch, by its name; it is (1, S, C), of float32
     */
    WatchedSteps(StoredBundle stored, Conditions conditions, int positions, Map<String, Long> widths)
            throws OrtException, InvalidProtocolBufferException {
        this.positions = positions;
        Graph step = stored.required(StepGraph.ROLE);
        ModelProto.Builder model = ModelProto.parseFrom(stored.onnx(step)).toBuilder();
        for (Map.Entry<String, Long> value : widths.entrySet()) {
            String name = value.getKey();
            watched.put(name, HostTensor.ofFloats(1, positions, value.getValue()));
            if (model.getGraph().getOutputList().stream().noneMatch(output -> output.getName().equals(name))) {
                model.getGraphBuilder()
                        .addOutput(OnnxGraph.value(
                                name, DataType.FLOAT, StepGraph.BATCH, StepGraph.POSITIONS, value.getValue()));
            }
        }
        Map<String, byte[]> files = new HashMap<>(stored.graphs());
        files.put(step.getFile(), model.build().toByteArray());
        session = new StepSession(new StoredBundle(stored.bundle(), files), 1, conditions);
        session.watch(watched);
    }

    /** Runs the first positions of an image. */
    void run(byte[] image, int label) throws OrtException {
        session.logits(List.of(image), new int[] {label}, 0, positions);
    }

    /** A watched value in the last run, (S, C). */
    float[] numbers(String name) {
        FloatBuffer buffer = watched.get(name).floats();
        float[] numbers = new float[buffer.remaining()];
        buffer.get(numbers);
        return numbers;
    }

    /** Keys and values of the last run. */
    KeyValueState cache() {
        return session.cache().orElseThrow();
    }

    @Override
    public void close() throws OrtException {
        watched.values().forEach(HostTensor::close);
        session.close();
    }
}
