package io.scanline.trainer.training;

/**
 * How far a training got.
 *
 * @param step steps taken
 * @param millis wall-clock milliseconds spent on them
 */
public record Progress(int step, long millis) {}
