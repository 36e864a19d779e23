package io.scanline.server.engine;

/** Why an image ended. */
public enum FinishReason {
    /** Every value is decided. */
    COMPLETE,
    /** The client gave it up. */
    CANCELLED,
    /** Others were likelier. */
    ABANDONED
}
