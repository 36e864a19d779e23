package io.scanline.server.runtime;

/** What is done between the runs of a {@link StepProgram#stride stride}: by several threads, each for other slots. */
public interface Stride {
    /** Fills the inputs of slots, from the first one on, for their next run. */
    void show(int first, int slots);

    /**
     * Reads the logits of their last run.
     *
     * @param nanos that it took, with showing it what it needs
     * @return whether they are to be run again
     * @throws GraphException ends the stride, like a run that failed
     */
    boolean ran(int first, int slots, long nanos) throws GraphException;
}
