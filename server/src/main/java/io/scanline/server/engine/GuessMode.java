package io.scanline.server.engine;

/** Whether values are guessed, and several of them checked in one run, where that is faster. */
public enum GuessMode {
    /** Every value takes a run. */
    OFF,
    /** Where a run of several positions gives the logits of single steps bit for bit, so that no image changes. */
    AUTO,
    /**
     * Also where it gives them but for the last bits, as with keys and values: attention over several positions adds up
     * in another order. A value whose number lies that near to a boundary between two levels may become the other one.
     */
    CLOSE
}
