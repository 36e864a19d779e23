package io.scanline.server.runtime;

/**
 * Sizes of a graph that decides several values of a slot in a run.
 *
 * @param steps values of an image
 * @param levels of a value, L
 * @param labelled whether it takes a class
 * @param condition components of what it is shown of a text, D; 0: it is shown none
 * @param cache keys and values, of 16-bit floats
 */
public record ChunkShape(int steps, int levels, boolean labelled, int condition, KeyValueShape cache) {}
