package io.scanline.contract;

import java.io.IOException;

/** A picture that is refused; says why in words. */
public final class PictureException extends IOException {
    private static final long serialVersionUID = 1;

    private final Fault fault;

    /** What is wrong. */
    public enum Fault {
        /** It is not a file of one of the formats. */
        FORMAT,
        /** It has more pixels, or more passes over them, than are allowed. */
        TOO_LARGE,
        /** It is broken. */
        UNREADABLE
    }

    PictureException(Fault fault, String message, Throwable cause) {
        super(message, cause);
        this.fault = fault;
    }

    /** What is wrong. */
    public Fault fault() {
        return fault;
    }
}
