package io.scanline.server.engine;

/**
 * The beginning of another generation's image. Numbers are unsigned.
 *
 * @param generationId that generation
 * @param image which of its images
 * @param steps how many of its first values, or codes, are taken
 */
public record ForkPoint(String generationId, int image, int steps) {}
