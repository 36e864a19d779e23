package io.scanline.server.engine;

/**
 * A candidate that was compared with a query.
 *
 * @param index among the candidates of the request
 * @param cosine of the angle between the two vectors
 * @param probability softmax over all candidates of the model's scale times the cosine; 0 when it has no scale
 */
public record RankedCandidate(int index, double cosine, double probability) {}
