package io.scanline.server.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The least that a step loop can be: one session for a graph, pinned tensors, positions written, run, next. No
 * sampling, no queue, no slots that come and go, and nothing is carried from step to step but keys and values, which
 * are in place. What the engine is measured against.
 */
public final class BareStepLoop implements StepLoop {
    private final Raster raster;
    private final int slots;
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final OrtSession step;
    private final PinnedTensors tensors;
    private final OrtSession row; // null: none
    private final List<PinnedTensors> rowTensors = new ArrayList<>(); // by slots that begin a row, less 1
    private final LongBuffer position;
    private final KeyValueShape cache; // null: none
    private final List<Lengths> lengths = new ArrayList<>(); // none without keys and values

    /** What is told of the caches of some layers. */
    private record Lengths(IntBuffer seqlens, IntBuffer total, boolean windowed) {}

    /**
     * Loads the graphs into sessions of its own, with the options of {@link StepGraph}.
     *
     * @param slots slots of every run
     */
    public BareStepLoop(StepSource source, int slots, int threads) throws GraphException {
        this.raster = source.shape().raster();
        this.slots = slots;
        OrtEnvironment environment = OnnxEnvironment.get();
        GraphSignature signature = GraphSignature.step(source.shape());
        boolean complete = false;
        try {
            step = open(environment, source.step(), StepSessions.threadsFor(slots, threads));
            tensors = pin(environment, signature, source.step(), slots);
            row = source.row() == null ? null : open(environment, source.row(), threads);
            for (int n = 1; row != null && n <= slots; n++) {
                rowTensors.add(pin(environment, GraphSignature.row(source.shape()), source.row(), n));
            }
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
        position = tensors.buffer("position").asLongBuffer();
        cache = source.shape().state().keyValues();
        addLengths(false);
        addLengths(true);
    }

    private void addLengths(boolean windowed) {
        String prefix = KeyValueShape.prefix(windowed);
        ByteBuffer seqlens = tensors.buffer(prefix + "seqlens");
        if (seqlens != null) {
            lengths.add(new Lengths(
                    seqlens.asIntBuffer(), tensors.buffer(prefix + "total").asIntBuffer(), windowed));
        }
    }

    private OrtSession open(OrtEnvironment environment, GraphFile file, int threads) throws GraphException {
        OrtSession session = StepSessions.session(environment, file.onnx(), threads);
        opened.add(session);
        return session;
    }

    private PinnedTensors pin(OrtEnvironment environment, GraphSignature signature, GraphFile file, int entries)
            throws GraphException {
        try {
            PinnedTensors pinned =
                    new PinnedTensors(environment, signature, new TensorNames(file.tensors(), signature), entries);
            opened.add(pinned);
            return pinned;
        } catch (OrtException refused) {
            throw new GraphException("ONNX Runtime refused the tensors of the bare loop", refused);
        }
    }

    @Override
    public long run(int[] first, int count, int length) throws GraphException {
        long begun = System.nanoTime();
        try {
            for (int t = 0; t < count; t++) {
                int beginning = 0;
                for (int slot = 0; slot < slots; slot++) {
                    int at = (first[slot] + t) % length;
                    position.put(slot, at);
                    beginning += raster.beginsRow(at) ? 1 : 0;
                }
                for (Lengths told : lengths) {
                    tell(told, first, t, length);
                }
                if (row != null && beginning > 0) {
                    PinnedTensors rows = rowTensors.get(beginning - 1);
                    row.run(rows.inputs(), rows.outputs()).close();
                }
                step.run(tensors.inputs(), tensors.outputs()).close();
            }
        } catch (OrtException failed) {
            throw new GraphException("ONNX Runtime failed a step of the bare loop", failed);
        }
        return System.nanoTime() - begun;
    }

    private void tell(Lengths told, int[] first, int t, int length) {
        int longest = 0;
        for (int slot = 0; slot < slots; slot++) {
            int at = (first[slot] + t) % length;
            int last = told.windowed() ? at - cache.dropped(at) : at;
            told.seqlens().put(slot, last);
            longest = Math.max(longest, last + 1);
        }
        told.total().put(0, longest);
    }

    @Override
    public void close() {
        for (int i = opened.size() - 1; i >= 0; i--) {
            try {
                opened.get(i).close();
            } catch (Exception impossible) {
                throw new IllegalStateException("ONNX Runtime did not release a session", impossible);
            }
        }
    }
}
