package io.scanline.cli.stream;

/** The server sent something that breaks the contract of the stream, so the images cannot be trusted. */
public final class StreamViolation extends Exception {
    /** Says in one sentence what is wrong. */
    public StreamViolation(String message) {
        super(message);
    }
}
