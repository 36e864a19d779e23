package io.scanline.server.runtime;

/** Something that takes the steps of a graph one after another and draws nothing: what the engine is measured against. */
public interface StepLoop extends AutoCloseable {
    /**
     * Takes steps: slot s is at position (first[s] + t) modulo {@code length} in step t.
     *
     * @return nanoseconds
     * @throws GraphException when the graph fails
     */
    long run(int[] first, int count, int length) throws GraphException;

    @Override
    void close();
}
