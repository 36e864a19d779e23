package io.scanline.trainer.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.Memory;
import io.scanline.bundle.v1.Offset;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One memory of a step graph. Keeps the vector of every position, since a session serves measurements and not users;
 * who serves many streams keeps only what will be read again.
 */
final class MemoryState implements StepState {
    private final Memory memory;
    private final Optional<String> readName;
    private final String writeName;
    private final int columns;
    private final int values;
    private final HostTensor read;
    private final HostTensor written;
    private final FloatBuffer history; // (B, values, C)
    private final int batch;
    private final float[] zeros;

    /** Memory {@code index} of a step graph over images of one channel. */
    MemoryState(Graph step, int index, ImageGeometry geometry, int batch) throws OrtException {
        this.memory = step.getState().getMemories(index);
        this.writeName = step.getTensorsOrThrow("write." + index);
        this.columns = geometry.getWidth();
        this.values = geometry.getWidth() * geometry.getHeight();
        this.batch = batch;
        this.zeros = new float[memory.getWidth()];
        int reads = memory.hasRing() ? memory.getRing().getLagsCount() : memory.getRowCache().getOffsetsCount();
        this.readName = reads == 0 ? Optional.empty() : Optional.of(step.getTensorsOrThrow("read." + index));
        read = HostTensor.ofFloats(batch, Math.max(1, reads), memory.getWidth());
        written = HostTensor.ofFloats(batch, memory.getWidth());
        history = FloatBuffer.allocate(batch * values * memory.getWidth());
    }

    @Override
    public void feed(Run run, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {
        FloatBuffer target = read.floats();
        int[] sources = sources(run.first());
        for (int n = 0; n < batch; n++) {
            for (int source : sources) {
                if (source < 0) {
                    target.put(zeros);
                } else {
                    int at = target.position();
                    target.put(at, history, (n * values + source) * zeros.length, zeros.length);
                    target.position(at + zeros.length);
                }
            }
        }
        readName.ifPresent(name -> inputs.put(name, read.tensor()));
        outputs.put(writeName, written.tensor());
    }

    /** Indices of the positions that the step at a position reads; -1: none. */
    private int[] sources(int index) {
        if (memory.hasRing()) {
            return memory.getRing().getLagsList().stream().mapToInt(lag -> Math.max(-1, index - lag)).toArray();
        }
        List<Offset> offsets = memory.getRowCache().getOffsetsList();
        int row = index / columns;
        int column = index % columns;
        return offsets.stream()
                .mapToInt(offset -> {
                    int y = row + offset.getRows();
                    int x = column + offset.getColumns();
                    return y < 0 || x < 0 || x >= columns ? -1 : y * columns + x;
                })
                .toArray();
    }

    @Override
    public void keep(Run run) {
        for (int n = 0; n < batch; n++) {
            history.put((n * values + run.first()) * zeros.length, written.floats(), n * zeros.length, zeros.length);
        }
    }

    /** Copies what the steps of a row wrote, zeros for row -1, to a tensor (B, columns, C). */
    void copyRow(int row, HostTensor target) {
        if (row < 0) {
            target.clear();
            return;
        }
        int length = columns * zeros.length;
        for (int n = 0; n < batch; n++) {
            target.floats().put(n * length, history, (n * values + row * columns) * zeros.length, length);
        }
    }

    @Override
    public void close() {
        read.close();
        written.close();
    }
}
