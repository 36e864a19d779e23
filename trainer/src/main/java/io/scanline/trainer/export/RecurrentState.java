package io.scanline.trainer.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Graph;
import java.util.Map;
import java.util.stream.LongStream;

/** A tensor that every run of a graph hands to the next. */
final class RecurrentState implements StepState {
    private final String pastName;
    private final String presentName;
    private HostTensor past;
    private HostTensor present;

    /** Recurrent tensor {@code index} of a graph. */
    RecurrentState(Graph graph, int index, int batch) throws OrtException {
        pastName = graph.getTensorsOrThrow("past." + index);
        presentName = graph.getTensorsOrThrow("present." + index);
        long[] shape = LongStream.concat(
                        LongStream.of(batch),
                        graph.getState().getRecurrents(index).getShapeList().stream().mapToLong(Integer::longValue))
                .toArray();
        past = HostTensor.ofFloats(shape);
        present = HostTensor.ofFloats(shape);
    }

    @Override
    public void feed(Run run, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {
        if (run.first() == 0) {
            past.clear();
        }
        inputs.put(pastName, past.tensor());
        outputs.put(presentName, present.tensor());
    }

    @Override
    public void keep(Run run) {
        HostTensor read = past;
        past = present;
        present = read;
    }

    @Override
    public void close() {
        past.close();
        present.close();
    }
}
