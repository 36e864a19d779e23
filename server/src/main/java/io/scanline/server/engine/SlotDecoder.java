package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.SlotProgram;

/**
 * Decides the next values of the images in the slots of a batch: one of each in a run, or several. Of the lane's thread
 * only.
 */
interface SlotDecoder {
    /** What it computes with; its slots are those of the batch. */
    SlotProgram program();

    /** Values of an image that one run decides or passes, at most. */
    int span();

    /** Computes what the next values of the images that run are decided with. */
    void run(SlotBatch batch) throws GraphException;

    /**
     * Decides the next value of an image that is not given.
     *
     * @param slot its first one
     * @param index of the value in the last run, from 0
     * @return nanoseconds since the value drawn before; -1 for the first one drawn
     * @throws GraphException when what was computed decides nothing
     */
    long decide(SlotBatch batch, int slot, int index, long now) throws GraphException;
}
