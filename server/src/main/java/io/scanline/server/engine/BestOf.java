package io.scanline.server.engine;

/**
 * Keeps the likeliest images of a request and gives the others up as soon as they fall behind.
 *
 * @param keep images to keep, 1 to the number of images
 * @param marginNats nats that an image may be behind before it is given up; at least 0
 */
public record BestOf(int keep, float marginNats) {}
