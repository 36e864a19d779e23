package io.scanline.server.engine;

/**
 * Where a request is that waits.
 *
 * @param queuePosition images that must leave a slot or the queue before its first image starts; 0: at the next step
 * @param etaMillis estimated milliseconds until its last value, if nobody else comes before it from now on
 */
public record Standing(int queuePosition, long etaMillis) {}
