package io.scanline.server.runtime;

/**
 * A graph that cannot be loaded, does not have the described tensors, or failed while it ran. Names files by their path
 * in the bundle only.
 */
public final class GraphException extends Exception {
    /** A graph that is not as described. */
    public GraphException(String message) {
        super(message);
    }

    /** A failure of ONNX Runtime. */
    public GraphException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The same, said of a file. */
    GraphException in(GraphFile file) {
        return new GraphException(file.path() + ": " + getMessage(), getCause() == null ? this : getCause());
    }
}
