package io.scanline.server.engine;

/**
 * Values that a client gives anywhere in an image.
 *
 * @param values all values of the image, one byte each in generation order; those that are not given are not read
 * @param mask a byte for every value: 1 where it is given, 0 where it is drawn
 */
public record MaskedValues(byte[] values, byte[] mask) {}
