package io.scanline.server.engine;

/**
 * How likely a class is.
 *
 * @param index among the classes to choose from
 * @param name its name
 * @param probability among all of them
 */
public record ClassProbability(int index, String name, double probability) {}
