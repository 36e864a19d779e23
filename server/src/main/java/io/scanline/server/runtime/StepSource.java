package io.scanline.server.runtime;

/**
 * What a step graph is loaded from.
 *
 * @param step the graph itself
 * @param row the row graph; null for none
 * @param window the graph of several positions beside a step with memories; null for none
 * @param shape described sizes of all
 */
public record StepSource(GraphFile step, GraphFile row, GraphFile window, StepShape shape) {
    /** Without a window graph. */
    public StepSource(GraphFile step, GraphFile row, StepShape shape) {
        this(step, row, null, shape);
    }
}
