package io.scanline.server.runtime;

import java.nio.FloatBuffer;

/** What computes images side by side, each in a slot: what there is of a slot besides what single runs are shown. */
public interface SlotProgram extends AutoCloseable {
    /** Slots, B. */
    int slots();

    /** Input long[B]: the classes; not read by a graph without classes. */
    long[] label();

    /**
     * Input float[B,D]: what the slots are shown of their texts; empty for a graph that is shown none. The very memory
     * that the graph reads, since it changes with the images and not from run to run.
     */
    FloatBuffer condition();

    /** Copies the first {@code positions} positions of the state of slot {@code from} to slot {@code to}. */
    void move(int from, int to, int positions);

    @Override
    void close();
}
