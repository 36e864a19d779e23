package io.scanline.server.engine;

/** Who reads a generation: told of its progress as long as nobody else reads it. */
public interface GenerationReader extends ProgressListener {
    /** Somebody else reads it from now on. Must return at once. */
    void replaced();
}
