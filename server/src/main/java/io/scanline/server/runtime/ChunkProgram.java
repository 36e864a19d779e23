package io.scanline.server.runtime;

/**
 * Decides the next {@link #span()} values of up to {@link #slots()} images in a run, and keeps their state. The caller
 * fills the input arrays for slots 0 to batch - 1, calls {@link #run}, and reads what was drawn. An image begins at
 * position 0 and takes every position in turn, so that all but its last run begin at a multiple of the span. To be
 * used by one thread at a time.
 */
public interface ChunkProgram extends SlotProgram {
    /** Positions of every slot in one run, N. */
    int span();

    /** Input long[B,steps]: the values decided; not read from {@link #first()} on. */
    long[] values();

    /** Input long[B]: first position of the run, which is how many the slot's state holds. */
    long[] first();

    /** Input long[B,N]: the value that a position has; -1 where it is to be drawn. */
    long[] given();

    /** Input float[B,N]: numbers in [0, 1) that decide what is drawn. */
    float[] uniform();

    /** Input float[B]: temperatures; 0 for the likeliest value. */
    float[] temperature();

    /** Input long[B]: how many of the likeliest levels may be drawn; L for all. */
    long[] topK();

    /** Input float[B]: up to which share of the probability levels may be drawn; 1 for all. */
    float[] topP();

    /** Input long[B]: the slot that is shown the image's text; not read by a graph without texts. */
    long[] own();

    /** Input long[B]: the slot that is shown the empty text; the same one without guidance. */
    long[] other();

    /** Input float[B]: guidance; 1 without. */
    float[] guidance();

    /** Output long[B,N] of the last run: the values, those given included. */
    long[] drawn();

    /** Output float[B,N] of the last run: how likely each was at temperature 1 among all levels, in nats. */
    float[] logProbability();

    /**
     * Decides the next values of slots 0 to batch - 1 and adds their positions to the state, but for those beyond the
     * end of the image.
     *
     * @param batch slots to run, 1 to {@link #slots()}
     * @throws GraphException when the graph fails; the state of these slots is then undefined
     */
    void run(int batch) throws GraphException;

    /** Bytes of memory that one slot takes. */
    long slotBytes();
}
