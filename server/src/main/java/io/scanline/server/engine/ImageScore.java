package io.scanline.server.engine;

/**
 * Likelihood of one image, or the bound on it: {@link ModelInfo#scored()} says which.
 *
 * @param logLikelihoodNats natural logarithm of its probability, or the bound on it
 * @param bitsPerDim -logLikelihoodNats / (ln 2 * values)
 * @param valueLogLikelihoods of every value given those before it, in nats; empty for a bound
 */
public record ImageScore(double logLikelihoodNats, double bitsPerDim, float[] valueLogLikelihoods) {}
