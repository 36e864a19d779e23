package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.SlotProgram;

/** Decides the next values of the images in the slots of a batch: one of each in a run, or several. */
interface SlotDecoder {
    /** What it computes with; its slots are those of the batch. */
    SlotProgram program();

    /** Values of an image that one run decides or passes, at most. */
    int span();

    /** What follows a run of slots beside each other; by several threads at a time, each for other slots. */
    @FunctionalInterface
    interface Ran {
        /**
         * Decides their values.
         *
         * @param nanos that the run took
         * @return whether to run them again
         */
        boolean ran(int first, int slots, long nanos);
    }

    /**
     * Computes what the next values of the images that run are decided with, once at least, and returns when no slot is
     * run any more; see {@link io.scanline.server.runtime.StepProgram#stride}. Of the lane's thread only.
     *
     * @throws GraphException when a run failed
     */
    void stride(SlotBatch batch, Ran ran) throws GraphException;

    /**
     * Decides the next value of an image that is not given.
     *
     * @param drawer the calling thread's
     * @param slot its first one
     * @param index of the value in the last run, from 0
     * @return nanoseconds since the value drawn before; -1 for the first one drawn
     * @throws GraphException when what was computed decides nothing
     */
    long decide(SlotBatch batch, ValueDrawer drawer, int slot, int index, long now) throws GraphException;
}
