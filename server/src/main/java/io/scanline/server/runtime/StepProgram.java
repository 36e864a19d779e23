package io.scanline.server.runtime;

/**
 * Runs the steps of up to {@link #slots()} images at once, {@link #span()} consecutive positions of each, and keeps
 * their state. The caller fills the input arrays for slots 0 to batch - 1, calls {@link #run}, and reads the logits. An
 * image begins at position 0 and takes every position in turn. To be used by one thread at a time.
 */
public interface StepProgram extends SlotProgram {
    /** Positions of every slot in one run, S. */
    int span();

    /** Input long[B,S,K]: the values shown. */
    long[] context();

    /** Input long[B,S]: the positions computed. */
    long[] position();

    /**
     * Input int[B]: positions that the slot's state holds before this run, which is the first position that the run
     * computes. What it holds beyond them is never read.
     */
    int[] cached();

    /**
     * Input long[B,A*W]: values of the A rows above, the topmost first, {@code levels} outside the image, for the slots
     * at the first position of a row. Not read for others, and empty for a graph that is not shown any.
     */
    long[] above();

    /** Output float[B,S,L] of the last run. */
    float[] logits();

    /**
     * Runs slots 0 to batch - 1 again and again. Where that is quicker, groups of slots beside each other are run by a
     * thread each that waits for no other, so that some may get ahead; each is run once at least. Returns when no slot is
     * run any more, and after some time, so that the caller is to come back.
     *
     * @param stride is asked before and after every run of a group
     * @throws GraphException when a run failed; the state of all slots is then undefined
     */
    default void stride(int batch, Stride stride) throws GraphException {
        strideTogether(batch, stride);
    }

    /** A stride of one run of all slots. */
    default void strideTogether(int batch, Stride stride) throws GraphException {
        long begun = System.nanoTime();
        stride.show(0, batch);
        run(batch);
        stride.ran(0, batch, System.nanoTime() - begun);
    }

    /**
     * Computes the logits of slots 0 to batch - 1 and adds their positions to the state.
     *
     * @param batch slots to run, 1 to {@link #slots()}
     * @throws GraphException when the graph fails; the state of these slots is then undefined
     */
    void run(int batch) throws GraphException;
}
