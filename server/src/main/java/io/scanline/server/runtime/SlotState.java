package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import java.util.Map;

/**
 * One kind of state that a graph carries from run to run, for all slots. Before position 0 of an image it is all zeros,
 * whatever the slot held before. What one run costs depends neither on the position nor on who else takes part. Runs of
 * other slots may be made at the same time where it {@link #divides}.
 */
interface SlotState extends AutoCloseable {
    /**
     * Adds its tensors to those of runs of consecutive entries of a {@link SlotRun}; with keys and values entry n is slot n.
     * They are made anew, and freed with the state.
     *
     * @param first the first entry
     * @param entries how many
     */
    void bind(int first, int entries, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs)
            throws OrtException;

    /** Whether runs of other slots may be made by other threads at the same time. */
    default boolean divides() {
        return true;
    }

    /**
     * Makes its inputs ready.
     *
     * @throws GraphException when there is no room for the positions, or something had to be computed and failed
     */
    void beforeRun(SlotRun run) throws GraphException;

    /** Keeps what the run wrote. */
    void afterRun(SlotRun run);

    /** Copies the first {@code positions} positions of the state of slot {@code from} to slot {@code to}. */
    void move(int from, int to, int positions);

    /** Bytes of memory that one slot takes. */
    long slotBytes();

    /** Frees its tensors. */
    @Override
    void close();
}
