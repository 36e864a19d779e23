package io.scanline.server.engine;

/**
 * A request for a caption that was checked against its model. It does not hold the picture, which may be large and is
 * not needed once it is decoded.
 *
 * @param sampling how a token is drawn
 * @param seed seed of all randomness
 * @param maxTokens most tokens, at least 1
 * @param deadlineNanos {@link System#nanoTime()} after which nobody waits for it; {@link Long#MAX_VALUE}: none
 * @param precedence whose request it is, and how urgent
 */
record CheckedCaption(
        SamplingOptions sampling, long seed, int maxTokens, long deadlineNanos, Precedence precedence) {}
