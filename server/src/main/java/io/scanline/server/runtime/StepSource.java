package io.scanline.server.runtime;

/**
 * What a step graph is loaded from.
 *
 * @param step the graph itself
 * @param row the row graph; null for none
 * @param shape described sizes of both
 */
public record StepSource(GraphFile step, GraphFile row, StepShape shape) {}
