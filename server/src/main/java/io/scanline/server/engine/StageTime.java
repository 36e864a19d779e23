package io.scanline.server.engine;

/**
 * What a stage of a pipeline took.
 *
 * @param stage its name
 * @param runs runs of its graph that a request had part in
 * @param busyMicros microseconds that those runs took, whoever else had part in them
 */
public record StageTime(String stage, long runs, long busyMicros) {}
