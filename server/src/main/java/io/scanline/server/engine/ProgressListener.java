package io.scanline.server.engine;

/** Told that a generation has news: new values, results or a failure. */
@FunctionalInterface
public interface ProgressListener {
    /**
     * Called on the thread of a lane after every step or run that changed the generation, by two of them at once where
     * codes are drawn and decoded: must return at once, throw nothing and do no work of its own but wake somebody up.
     */
    void progressed();
}
