package io.scanline.server.engine;

/**
 * Exact likelihood of one image.
 *
 * @param logLikelihoodNats natural logarithm of its probability
 * @param bitsPerDim -logLikelihoodNats / (ln 2 * values)
 * @param valueLogLikelihoods of every value given those before it, in nats
 */
public record ImageScore(double logLikelihoodNats, double bitsPerDim, float[] valueLogLikelihoods) {}
