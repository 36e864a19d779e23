package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;

/**
 * A memory: the vectors that the last steps of every slot wrote, each slot's in a circle that is as long as the
 * farthest read lies back. What a step reads is gathered before the run, what it writes is put into the circle after
 * it. The circles are arrays, since copying a vector from one direct buffer to another costs several times as much.
 */
final class VectorMemory implements SlotState {
    private final MemoryShape shape;
    private final Raster raster;
    private final int kept; // vectors of a circle
    private final String readName; // null: no step reads it
    private final String writeName;
    private final MemoryShape.Read[] wanted; // R
    private final int[] neighbours; // R: reads from this one on that lie beside each other, left to right
    private final float[] circles; // [slots,kept,C]
    private final float[] gathered; // [B,R,C]
    private final float[] fresh; // [B,C]
    private final FloatBuffer read; // [B,R,C]
    private final FloatBuffer written; // [B,C]
    private final Tensors tensors;

    /** @param index which of the memories that the shape describes */
    VectorMemory(OrtEnvironment environment, StepShape step, TensorNames names, int index, int slots)
            throws GraphException {
        shape = step.state().memories().get(index);
        raster = step.raster();
        kept = shape.kept(raster, step.keepsRow(index));
        readName = shape.reads().isEmpty() ? null : names.of("read", index);
        writeName = names.of("write", index);
        wanted = shape.reads().toArray(MemoryShape.Read[]::new);
        neighbours = new int[wanted.length];
        for (int r = wanted.length - 1; r >= 0; r--) {
            boolean continued = r + 1 < wanted.length && wanted[r].isLeftOf(wanted[r + 1]);
            neighbours[r] = continued ? neighbours[r + 1] + 1 : 1;
        }
        read = Tensors.floats((long) slots * shape.reads().size() * shape.width());
        written = Tensors.floats((long) slots * shape.width());
        circles = Tensors.array((long) slots * kept * shape.width());
        gathered = new float[read.capacity()];
        fresh = new float[written.capacity()];
        tensors = new Tensors(environment);
    }

    @Override
    public void bind(int first, int slots, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs)
            throws OrtException {
        int width = shape.width();
        if (readName != null) {
            FloatBuffer from = Tensors.from(read, first * wanted.length * width);
            inputs.put(readName, tensors.over(from, slots, wanted.length, width));
        }
        outputs.put(writeName, tensors.over(Tensors.from(written, first * width), slots, width));
    }

    @Override
    public void beforeRun(SlotRun run) {
        if (readName == null) {
            return;
        }
        int size = wanted.length * shape.width(); // of an entry
        for (int entry = run.first; entry < run.end(); entry++) {
            gather(run.slot[entry], run.position[entry], entry * size);
        }
        read.put(run.first * size, gathered, run.first * size, run.size * size);
    }

    private void gather(int slot, int position, int at) {
        int width = shape.width();
        int column = raster.column(position);
        int here = position % kept;
        int r = 0;
        while (r < wanted.length) {
            int to = at + r * width;
            if (!wanted[r].exists(position, column, raster)) {
                Arrays.fill(gathered, to, to + width, 0);
                r++;
                continue;
            }
            int from = here - wanted[r].lag();
            from += from < 0 ? kept : 0;
            int vectors = neighbours[r];
            boolean together =
                    from + vectors <= kept && wanted[r + vectors - 1].exists(position, column, raster);
            int copied = together ? vectors : 1;
            System.arraycopy(circles, (slot * kept + from) * width, gathered, to, copied * width);
            r += copied;
        }
    }

    @Override
    public void afterRun(SlotRun run) {
        int width = shape.width();
        written.get(run.first * width, fresh, run.first * width, run.size * width);
        for (int entry = run.first; entry < run.end(); entry++) {
            System.arraycopy(fresh, entry * width, circles, offset(run.slot[entry], run.position[entry]), width);
        }
    }

    /** What it is like. */
    MemoryShape shape() {
        return shape;
    }

    /** Keeps what a position wrote, [C]. */
    void keep(int slot, int position, FloatBuffer from, int at) {
        from.get(at, circles, offset(slot, position), shape.width());
    }

    /** Copies what the steps of the row before a row wrote, [W,C]; zeros before the first one. */
    void copyRowBefore(int slot, int row, FloatBuffer into, int at) {
        int width = shape.width();
        float[] none = new float[row == 0 ? width : 0];
        for (int column = 0; column < raster.columns(); column++) {
            int to = at + column * width;
            if (row == 0) {
                into.put(to, none, 0, width);
            } else {
                into.put(to, circles, offset(slot, (row - 1) * raster.columns() + column), width);
            }
        }
    }

    /** Copies what a position wrote, [C], one of those that a step may read. */
    void copy(int slot, int position, FloatBuffer into, int at) {
        into.put(at, circles, offset(slot, position), shape.width());
    }

    private int offset(int slot, int position) {
        return (slot * kept + position % kept) * shape.width();
    }

    @Override
    public void move(int from, int to, int positions) {
        int floats = Math.min(positions, kept) * shape.width();
        System.arraycopy(circles, offset(from, 0), circles, offset(to, 0), floats);
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
