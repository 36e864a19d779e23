package io.scanline.server.runtime;

/** Takes steps of slots 0 to batch - 1, in parts that are computed side by side where that is quicker. */
public interface PartedProgram {
    /**
     * Has the runs of all programs of the graph computed in parts of so many slots at least, by as many threads as there are; all runs are one part until somebody says so. What is computed does not depend on it.
     */
    void fewestOfAPart(int slots);

    /**
     * Takes one step of slots 0 to batch - 1.
     *
     * @throws GraphException when the graph fails; the state of these slots is then undefined
     */
    void run(int batch) throws GraphException;
}
