package io.scanline.server.engine;

/** Told that a generation has news: new values, results or a failure. */
@FunctionalInterface
public interface ProgressListener {
    /**
     * Called on the decode lane after every step that changed the generation: must return at once, throw nothing and do
     * no work of its own but wake somebody up.
     */
    void progressed();
}
