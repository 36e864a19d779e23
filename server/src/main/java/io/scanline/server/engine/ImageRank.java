package io.scanline.server.engine;

/**
 * How an image stands among those of its request.
 *
 * @param place the best is 1
 * @param promptLikeness cosine between the image and the prompt in the space of the ranking model, -1 to 1
 */
public record ImageRank(int place, float promptLikeness) {}
