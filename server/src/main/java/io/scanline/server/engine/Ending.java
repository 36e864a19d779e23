package io.scanline.server.engine;

/** Why an image ended. */
public enum Ending {
    /** Every value is decided. */
    COMPLETE,
    /** It was given up, while its neighbours went on. */
    CANCELLED
}
