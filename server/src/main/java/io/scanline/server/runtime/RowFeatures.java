package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the positions of the row at hand see of the rows above. Before the first step of a row the row graph is run for
 * the slots that begin one; every step is then handed the features of its position.
 */
final class RowFeatures implements SlotState {
    private final StepShape shape;
    private final TensorNames names; // of the row graph
    private final SlotParts parts;
    private final List<VectorMemory> memories;
    private final List<SlotState> recurrents = new ArrayList<>();
    private final Tensors tensors;
    private final String featuresName; // of the step graph
    private final float[] store; // [slots,W,F]; an array, which is copied from faster than a direct buffer
    private final float[] gathered; // [B,1,F]
    private final FloatBuffer stepFeatures; // [B,1,F]

    // The row graph's own; n slots begin a row.
    private final SlotRun rows;
    private final LongBuffer above; // [n,A,W]
    private final LongBuffer row; // [n]
    private final LongBuffer label; // [n]
    private final List<FloatBuffer> previous = new ArrayList<>(); // [n,W,C], as in RowShape
    private final FloatBuffer features; // [n,W,F]

    /** @param memories the step graph's */
    RowFeatures(
            OrtEnvironment environment, StepShape shape, TensorNames stepNames, TensorNames names,
            StepSessions sessions, List<VectorMemory> memories, int slots) throws GraphException {
        this.shape = shape;
        this.names = names;
        this.parts = new SlotParts(sessions, slots, 1, 2, this::bindRows);
        this.memories = memories;
        this.tensors = new Tensors(environment);
        this.featuresName = stepNames.of("features");
        int columns = shape.raster().columns();
        store = Tensors.array((long) slots * columns * shape.row().features());
        stepFeatures = Tensors.floats((long) slots * shape.row().features());
        gathered = new float[stepFeatures.capacity()];
        rows = new SlotRun(1, new int[slots], new int[slots], null, null);
        above = Tensors.longs((long) slots * shape.aboveSize());
        row = Tensors.longs(slots);
        label = Tensors.longs(slots);
        for (int memory : shape.row().previous()) {
            previous.add(Tensors.floats((long) slots * columns * width(memory)));
        }
        features = Tensors.floats((long) slots * columns * shape.row().features());
        try {
            for (int r = 0; r < shape.row().recurrents().size(); r++) {
                recurrents.add(new RecurrentState(environment, shape.row().recurrents().get(r), names, r, slots));
            }
        } catch (GraphException | Error refused) {
            close();
            throw refused;
        }
    }

    private void bindRows(int first, int count, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs)
            throws OrtException {
        int columns = shape.raster().columns();
        if (shape.row().above() > 0) {
            LongBuffer shown = Tensors.from(above, first * shape.aboveSize());
            inputs.put(names.of("above"), tensors.over(shown, count, shape.row().above(), columns));
        }
        inputs.put(names.of("row"), tensors.over(Tensors.from(row, first), count));
        if (shape.labelled()) {
            inputs.put(names.of("label"), tensors.over(Tensors.from(label, first), count));
        }
        for (int p = 0; p < previous.size(); p++) {
            int memory = shape.row().previous().get(p);
            FloatBuffer before = Tensors.from(previous.get(p), first * columns * width(memory));
            inputs.put(names.of("previous", memory), tensors.over(before, count, columns, width(memory)));
        }
        int size = shape.row().features();
        FloatBuffer made = Tensors.from(features, first * columns * size);
        outputs.put(names.of("features"), tensors.over(made, count, columns, size));
        for (SlotState recurrent : recurrents) {
            recurrent.bind(first, count, inputs, outputs);
        }
    }

    private int width(int memory) {
        return shape.state().memories().get(memory).width();
    }

    @Override
    public void bind(
            int first, int slots, Map<String, OnnxTensor> stepInputs, Map<String, OnnxTensor> stepOutputs)
            throws OrtException {
        int size = shape.row().features();
        stepInputs.put(featuresName, tensors.over(Tensors.from(stepFeatures, first * size), slots, 1, size));
    }

    @Override
    public void beforeRun(SlotRun run) throws GraphException {
        beginRows(run);
        int size = shape.row().features();
        for (int entry = 0; entry < run.size; entry++) {
            int from = offset(run.slot[entry], run.position[entry]);
            System.arraycopy(store, from, gathered, entry * size, size);
        }
        stepFeatures.put(0, gathered, 0, run.size * size);
    }

    /** The rows that several slots begin are computed in one run. */
    @Override
    public boolean divides() {
        return false;
    }

    /** Computes the rows that slots of a run begin. */
    void beginRows(SlotRun run) throws GraphException {
        rows.size = 0;
        for (int entry = 0; entry < run.size; entry++) {
            if (shape.raster().beginsRow(run.position[entry])) {
                beginRow(run, entry, rows.size++);
            }
        }
        if (rows.size > 0) {
            runRows();
        }
    }

    /** Copies the features of a position of the row at hand, [F]. */
    void copy(int slot, int position, FloatBuffer into, int at) {
        into.put(at, store, offset(slot, position), shape.row().features());
    }

    private int offset(int slot, int position) {
        return (slot * shape.raster().columns() + shape.raster().column(position)) * shape.row().features();
    }

    private void beginRow(SlotRun run, int entry, int at) {
        int slot = run.slot[entry];
        rows.slot[at] = slot;
        rows.position[at] = shape.raster().row(run.position[entry]);
        above.put(at * shape.aboveSize(), run.above, entry * shape.aboveSize(), shape.aboveSize());
        row.put(at, rows.position[at]);
        label.put(at, run.label[entry]);
        for (int p = 0; p < previous.size(); p++) {
            int memory = shape.row().previous().get(p);
            memories.get(memory).copyRowBefore(
                    slot, rows.position[at], previous.get(p), at * shape.raster().columns() * width(memory));
        }
    }

    private void runRows() throws GraphException {
        for (SlotState recurrent : recurrents) {
            recurrent.beforeRun(rows);
        }
        parts.run(rows.size);
        recurrents.forEach(recurrent -> recurrent.afterRun(rows));
        int size = shape.raster().columns() * shape.row().features();
        for (int at = 0; at < rows.size; at++) {
            features.get(at * size, store, rows.slot[at] * size, size);
        }
    }

    @Override
    public void afterRun(SlotRun run) {
        // The features of the row's other positions are there already.
    }

    @Override
    public void move(int from, int to, int positions) {
        int size = shape.raster().columns() * shape.row().features();
        System.arraycopy(store, from * size, store, to * size, size);
        recurrents.forEach(recurrent -> recurrent.move(from, to, positions));
    }

    @Override
    public long slotBytes() {
        long own = (long) shape.raster().columns() * shape.row().features() * Float.BYTES;
        return own + recurrents.stream().mapToLong(SlotState::slotBytes).sum();
    }

    @Override
    public void close() {
        recurrents.forEach(SlotState::close);
        tensors.close();
    }
}
