package io.scanline.trainer.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.RowInput;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Features that steps read of the rows above: the row graph of a bundle, run before the first step of every row. */
final class RowState implements StepState {
    private final Map<String, String> tensors;
    private final RowInput sizes;
    private final int columns;
    private final int levels;
    private final int batch;
    private final String stepInput;
    private final OrtSession session;
    private final List<MemoryState> memories;
    private final List<RecurrentState> recurrents = new ArrayList<>();
    private final Map<Integer, HostTensor> previous = new HashMap<>();
    private final HostTensor above;
    private final HostTensor row;
    private final HostTensor label;
    private final HostTensor rowFeatures;
    private final HostTensor features;

    /**
     * The row graph of a bundle.
     *
     * @param memories of the step graph
     */
    RowState(StoredBundle stored, Graph graph, List<MemoryState> memories, int batch) throws OrtException {
        ImageGeometry geometry = stored.bundle().getGeometry();
        this.tensors = graph.getTensorsMap();
        this.sizes = graph.getRow();
        this.columns = geometry.getWidth();
        this.levels = geometry.getLevels();
        this.batch = batch;
        this.memories = memories;
        this.stepInput = stored.graph("step").orElseThrow().getTensorsOrThrow("features");
        this.session = stored.session(graph);
        for (int recurrent = 0; recurrent < graph.getState().getRecurrentsCount(); recurrent++) {
            recurrents.add(new RecurrentState(graph, recurrent, batch));
        }
        for (int memory : sizes.getPreviousList()) {
            int width = stored.graph("step").orElseThrow().getState().getMemories(memory).getWidth();
            previous.put(memory, HostTensor.ofFloats(batch, columns, width));
        }
        above = HostTensor.ofLongs(batch, Math.max(1, sizes.getAbove()), columns);
        row = HostTensor.ofLongs(batch);
        label = HostTensor.ofLongs(batch);
        rowFeatures = HostTensor.ofFloats(batch, columns, sizes.getFeatures());
        features = HostTensor.ofFloats(batch, 1, sizes.getFeatures());
    }

    @Override
    public void feed(Run run, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) throws OrtException {
        int column = run.first() % columns;
        if (column == 0) {
            runRow(run);
        }
        int width = sizes.getFeatures();
        for (int n = 0; n < batch; n++) {
            features.floats().put(n * width, rowFeatures.floats(), (n * columns + column) * width, width);
        }
        inputs.put(stepInput, features.tensor());
    }

    private void runRow(Run run) throws OrtException {
        int number = run.first() / columns;
        for (int n = 0; n < batch; n++) {
            row.longs().put(n, number);
            label.longs().put(n, run.labels()[n]);
            showAbove(run.images().get(n), number, n);
        }
        Map<String, OnnxTensor> inputs = new HashMap<>();
        Map<String, OnnxTensor> outputs = new HashMap<>();
        if (sizes.getAbove() > 0) {
            inputs.put(tensors.get("above"), above.tensor());
        }
        inputs.put(tensors.get("row"), row.tensor());
        if (tensors.containsKey("label")) {
            inputs.put(tensors.get("label"), label.tensor());
        }
        previous.forEach((memory, target) -> {
            memories.get(memory).copyRow(number - 1, target);
            inputs.put(tensors.get("previous." + memory), target.tensor());
        });
        outputs.put(tensors.get("features"), rowFeatures.tensor());
        for (RecurrentState recurrent : recurrents) {
            recurrent.feed(run, inputs, outputs);
        }
        session.run(inputs, outputs).close();
        recurrents.forEach(recurrent -> recurrent.keep(run));
    }

    /** The values of the rows above, the topmost first, {@code levels} outside the image. */
    private void showAbove(byte[] image, int number, int n) {
        LongBuffer shown = above.longs();
        for (int up = sizes.getAbove(); up > 0; up--) {
            for (int column = 0; column < columns; column++) {
                int at = (n * sizes.getAbove() + sizes.getAbove() - up) * columns + column;
                shown.put(at, number < up ? levels : image[(number - up) * columns + column] & 0xFF);
            }
        }
    }

    @Override
    public void keep(Run run) {
        // The row graph's own state was kept when it ran.
    }

    @Override
    public void close() throws OrtException {
        recurrents.forEach(RecurrentState::close);
        previous.values().forEach(HostTensor::close);
        List.of(above, row, label, rowFeatures, features).forEach(HostTensor::close);
        session.close();
    }
}
