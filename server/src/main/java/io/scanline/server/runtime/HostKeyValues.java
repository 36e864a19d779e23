package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Keys and values of all slots that stay with the host between runs: [B,H,T,D] per layer for each. A run is shown the
 * first P positions of its slots in dense tensors [B,H,P,D], and answers with N more of each, [B,H,N,D], which are put
 * behind those that a slot holds. So a device is sent what a run reads and not the whole cache.
 */
final class HostKeyValues implements AutoCloseable {
    /**
     * P is a multiple of this: few different shapes, for which a device chooses kernels and takes memory anew, and
     * vector instructions that begin at the same positions whatever P is.
     */
    static final int ROUND = 64;

    private static final List<String> KINDS = List.of("key.", "value.");

    private final OrtEnvironment environment;
    private final KeyValueShape shape;
    private final int span;
    private final List<ByteBuffer> kept = new ArrayList<>(); // [slots,H,T,D]: keys of layer 0, its values, ..
    private final List<ByteBuffer> shown = new ArrayList<>(); // [B,H,P,D]
    private final List<ByteBuffer> fresh = new ArrayList<>(); // [B,H,N,D]
    private final List<OnnxTensor> tensors = new ArrayList<>();

    /** @param span new positions of a run, N */
    HostKeyValues(OrtEnvironment environment, KeyValueShape shape, int slots, int span) throws GraphException {
        this.environment = environment;
        this.shape = shape;
        this.span = span;
        for (int i = 0; i < KINDS.size() * shape.layers(); i++) {
            kept.add(memory(slots, shape.positions()));
            shown.add(memory(slots, shape.positions()));
            fresh.add(memory(slots, span));
        }
    }

    private ByteBuffer memory(int slots, int positions) throws GraphException {
        return Tensors.bytes(slots * bytes(positions));
    }

    /** Bytes of so many positions of one slot, in all heads. */
    private long bytes(int positions) {
        return (long) shape.heads() * rowBytes(positions);
    }

    /** Bytes of so many positions of one head. */
    private int rowBytes(int positions) {
        return positions * shape.headSize() * shape.element().bytes();
    }

    /** Positions P that are shown to a run whose slots hold at most so many. */
    int shownFor(long longest) {
        long rounded = (Math.max(1, longest) + ROUND - 1) / ROUND * ROUND;
        return (int) Math.min(shape.positions(), rounded);
    }

    /** Adds the tensors of runs of so many slots that are shown so many positions; they live as long as this does. */
    void bind(
            TensorNames names, int batch, int positions, Map<String, OnnxTensor> inputs,
            Map<String, OnnxTensor> outputs) throws OrtException {
        for (int i = 0; i < shown.size(); i++) {
            String which = KINDS.get(i % KINDS.size()) + i / KINDS.size();
            inputs.put(names.of("past_" + which), tensor(shown.get(i), batch, positions));
            outputs.put(names.of("new_" + which), tensor(fresh.get(i), batch, span));
        }
    }

    private OnnxTensor tensor(ByteBuffer memory, int batch, int positions) throws OrtException {
        int bytes = (int) (batch * bytes(positions));
        OnnxTensor tensor = OnnxTensor.createTensor(
                environment,
                memory.slice(0, bytes).order(ByteOrder.nativeOrder()), // a slice forgets its byte order
                new long[] {batch, shape.heads(), positions, shape.headSize()},
                shape.element().type());
        tensors.add(tensor);
        return tensor;
    }

    /**
     * Copies what the first slots hold to where a run is shown it.
     *
     * @param rows that are computed; those beyond the batch are shown what the last slot of it holds
     * @param held positions that each slot holds; what lies behind them is not read by the run
     * @param positions that are shown, P
     */
    void show(int batch, int rows, long[] held, int positions) {
        for (int i = 0; i < kept.size(); i++) {
            for (int row = 0; row < rows; row++) {
                int slot = Math.min(row, batch - 1);
                for (int head = 0; head < shape.heads(); head++) {
                    int from = rowBytes(shape.positions()) * (slot * shape.heads() + head);
                    int to = rowBytes(positions) * (row * shape.heads() + head);
                    shown.get(i).put(to, kept.get(i), from, rowBytes((int) held[slot]));
                }
            }
        }
    }

    /** Puts what a run answered behind what its slots held, as far as there is room: no image goes beyond. */
    void keep(int batch, long[] held) {
        for (int i = 0; i < kept.size(); i++) {
            for (int slot = 0; slot < batch; slot++) {
                int count = (int) Math.min(span, shape.positions() - held[slot]);
                for (int head = 0; head < shape.heads(); head++) {
                    int from = rowBytes(span) * (slot * shape.heads() + head);
                    int to = rowBytes(shape.positions()) * (slot * shape.heads() + head) + rowBytes((int) held[slot]);
                    kept.get(i).put(to, fresh.get(i), from, rowBytes(count));
                }
            }
        }
    }

    /** Copies the first {@code positions} positions of slot {@code from} to slot {@code to}. */
    void move(int from, int to, int positions) {
        for (ByteBuffer buffer : kept) {
            for (int head = 0; head < shape.heads(); head++) {
                int source = rowBytes(shape.positions()) * (from * shape.heads() + head);
                int target = rowBytes(shape.positions()) * (to * shape.heads() + head);
                buffer.put(target, buffer, source, rowBytes(positions));
            }
        }
    }

    /** Bytes of memory that one slot takes: what is kept, and what of it is shown. */
    long slotBytes() {
        return KINDS.size() * shape.layers() * (2 * bytes(shape.positions()) + bytes(span));
    }

    /** Frees the tensors; the memory follows when nothing refers to this any more. */
    @Override
    public void close() {
        tensors.forEach(OnnxTensor::close);
    }
}
