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
    private final IntBuffer seqlens; // null without keys and values
    private final IntBuffer total;

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
        ByteBuffer lengths = tensors.buffer("seqlens");
        seqlens = lengths == null ? null : lengths.asIntBuffer();
        total = lengths == null ? null : tensors.buffer("total").asIntBuffer();
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
                int longest = 0;
                int beginning = 0;
                for (int slot = 0; slot < slots; slot++) {
                    int at = (first[slot] + t) % length;
                    position.put(slot, at);
                    if (seqlens != null) {
                        seqlens.put(slot, at);
                    }
                    longest = Math.max(longest, at + 1);
                    beginning += raster.beginsRow(at) ? 1 : 0;
                }
                if (total != null) {
                    total.put(0, longest);
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
