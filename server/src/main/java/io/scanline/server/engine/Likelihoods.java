package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import java.util.List;

/** Computes exact likelihoods of whole images. Used by one thread at a time. */
interface Likelihoods extends AutoCloseable {
    /** Asked between two runs of the graph. */
    @FunctionalInterface
    interface Interruption {
        /** Throws why going on makes no sense. */
        void check() throws EngineException;
    }

    /** Images that it computes at once, at most. */
    int atOnce();

    /**
     * Scores images.
     *
     * @param images 1 to {@link #atOnce()}
     * @param label their class
     * @param condition what steps are shown of their text, float[D]; of length 0 without texts
     * @throws GraphException when the graph fails or answers with what is no number
     * @throws EngineException as the interruption says
     */
    List<ImageScore> score(List<byte[]> images, int label, float[] condition, Interruption between)
            throws GraphException, EngineException;

    @Override
    void close();
}
