package io.scanline.server.engine;

/**
 * A generation request whose every field was found good.
 *
 * @param label class index; 0 for a model without classes
 * @param seed seed of all randomness
 * @param count number of images
 * @param sampling how values are drawn
 * @param prefix given first values of every image
 * @param deadlineNanos {@link System#nanoTime()} after which nobody waits; {@link Long#MAX_VALUE}: none
 * @param precedence whose request it is, and how urgent
 */
record CheckedRequest(
        int label, long seed, int count, SamplingOptions sampling, byte[] prefix, long deadlineNanos,
        Precedence precedence) {}
