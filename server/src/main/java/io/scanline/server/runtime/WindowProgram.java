package io.scanline.server.runtime;

/**
 * Runs several consecutive positions of up to {@link #slots()} slots at once over the state of a {@link StepProgram}, each
 * with the logits that a step would give it: what the values before it are is told by the context it is shown. The state
 * takes only as many positions as {@link #keep} says, so that guesses can be tried. To be used by one thread at a time.
 */
public interface WindowProgram extends AutoCloseable {
    /** Slots of one run, n. */
    int slots();

    /** Positions of every slot, P. */
    int positions();

    /** Input long[n,P,K]: the values shown. */
    long[] context();

    /** Input long[n,P]: the positions computed, those of a slot consecutive; beyond its count the last one again. */
    long[] position();

    /** Input long[n,A*W]: as {@link StepProgram#above()}, for slots whose first position begins a row. */
    long[] above();

    /**
     * Says what entry {@code at} of the next run is about.
     *
     * @param slot a slot of the state
     * @param from its first position, which is how many its state holds
     * @param count positions that matter, 1 to P, and P unless {@link #fillsUp()}; with a row graph those of one row
     * @param label class
     */
    void place(int at, int slot, int from, int count, long label);

    /** Whether a slot may have fewer positions than P. */
    boolean fillsUp();

    /** Output float[n,P,L] of the last run. */
    float[] logits();

    /**
     * Computes the logits of all entries. Programs of one slot each may be run at the same time, of different slots.
     *
     * @throws GraphException when the graph fails; the state of these slots is then undefined
     */
    void run() throws GraphException;

    /** Adds the first positions of an entry of the last run to the state of its slot. */
    void keep(int at, int count);

    @Override
    void close();
}
