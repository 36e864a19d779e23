package io.scanline.server.engine;

/** Told that a generation has news: new values, results or a failure. */
@FunctionalInterface
public interface ProgressListener {
    /**
     * Called on the threads of a lane after every step or run that changed the generation, by several at once where its
     * images are drawn by several, or codes are drawn and decoded: must return at once, throw nothing and do no work of
     * its own but wake somebody up.
     */
    void progressed();
}
