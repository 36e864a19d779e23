package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A memory: the vectors that the last steps of every slot wrote, each slot's in a circle that is as long as the
 * farthest read lies back. What a step reads is gathered before the run, what it writes is put into the circle after
 * it.
 */
final class VectorMemory implements SlotState {
    private final MemoryShape shape;
    private final Raster raster;
    private final int kept; // vectors of a circle
    private final String readName; // null: no step reads it
    private final String writeName;
    private final FloatBuffer circles; // [slots,kept,C]
    private final FloatBuffer zeros; // [C]
    private final FloatBuffer read; // [B,R,C]
    private final FloatBuffer written; // [B,C]
    private final Tensors tensors;
    private final List<OnnxTensor> reads = new ArrayList<>(); // by batch size less 1
    private final List<OnnxTensor> writes = new ArrayList<>();

    /** @param index which of the memories that the shape describes */
    VectorMemory(OrtEnvironment environment, StepShape step, TensorNames names, int index, int slots)
            throws GraphException {
        shape = step.state().memories().get(index);
        raster = step.raster();
        kept = shape.kept(raster, step.keepsRow(index));
        readName = shape.reads().isEmpty() ? null : names.of("read", index);
        writeName = names.of("write", index);
        circles = Tensors.floats((long) slots * kept * shape.width());
        zeros = Tensors.floats(shape.width());
        read = Tensors.floats((long) slots * shape.reads().size() * shape.width());
        written = Tensors.floats((long) slots * shape.width());
        tensors = new Tensors(environment);
        try {
            for (int batch = 1; batch <= slots; batch++) {
                if (readName != null) {
                    reads.add(tensors.over(read, batch, shape.reads().size(), shape.width()));
                }
                writes.add(tensors.over(written, batch, shape.width()));
            }
        } catch (OrtException refused) {
            tensors.close();
            throw new GraphException("ONNX Runtime refused the tensors of a memory", refused);
        }
    }

    @Override
    public void bind(int batch, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {
        if (readName != null) {
            inputs.put(readName, reads.get(batch - 1));
        }
        outputs.put(writeName, writes.get(batch - 1));
    }

    @Override
    public void beforeRun(SlotRun run) {
        int width = shape.width();
        int at = 0;
        for (int entry = 0; entry < run.size; entry++) {
            int position = run.position[entry];
            for (MemoryShape.Read wanted : shape.reads()) {
                copy(run.slot[entry], wanted.exists(position, raster) ? position - wanted.lag() : -1, read, at);
                at += width;
            }
        }
    }

    @Override
    public void afterRun(SlotRun run) {
        int width = shape.width();
        for (int entry = 0; entry < run.size; entry++) {
            keep(run.slot[entry], run.position[entry], written, entry * width);
        }
    }

    /** What it is like. */
    MemoryShape shape() {
        return shape;
    }

    /** Keeps what a position wrote, [C]. */
    void keep(int slot, int position, FloatBuffer from, int at) {
        circles.put(offset(slot, position), from, at, shape.width());
    }

    /** Copies what the steps of the row before a row wrote, [W,C]; zeros before the first one. */
    void copyRowBefore(int slot, int row, FloatBuffer into, int at) {
        for (int column = 0; column < raster.columns(); column++) {
            int position = row == 0 ? -1 : (row - 1) * raster.columns() + column;
            copy(slot, position, into, at + column * shape.width());
        }
    }

    /** Copies what a position wrote, [C], of those that a step may read; zeros for a negative one. */
    void copy(int slot, int position, FloatBuffer into, int at) {
        if (position < 0) {
            into.put(at, zeros, 0, shape.width());
        } else {
            into.put(at, circles, offset(slot, position), shape.width());
        }
    }

    private int offset(int slot, int position) {
        return (slot * kept + position % kept) * shape.width();
    }

    @Override
    public void move(int from, int to, int positions) {
        int floats = Math.min(positions, kept) * shape.width();
        circles.put(offset(to, 0), circles, offset(from, 0), floats);
    }

    @Override
    public long slotBytes() {
        return (long) kept * shape.width() * Float.BYTES;
    }

    @Override
    public void close() {
        tensors.close();
    }
}
