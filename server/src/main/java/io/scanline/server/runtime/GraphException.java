package io.scanline.server.runtime;

/** A graph that cannot be loaded, does not have the described tensors, or failed while it ran. Says nothing about paths. */
public final class GraphException extends Exception {
    /** A graph that is not as described. */
    public GraphException(String message) {
        super(message);
    }

    /** A failure of ONNX Runtime. */
    public GraphException(String message, Throwable cause) {
        super(message, cause);
    }
}
