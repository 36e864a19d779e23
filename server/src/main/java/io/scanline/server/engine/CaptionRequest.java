package io.scanline.server.engine;

import java.util.OptionalLong;

/**
 * Asks what a picture shows.
 *
 * @param model name of the model
 * @param version its version; empty: the highest that is serving
 * @param image the picture, or the values of an image
 * @param sampling how a token is drawn; temperature 0: always the likeliest
 * @param seed seed of all randomness; absent: the engine draws one
 * @param maxTokens most tokens; 0: as many as the model's context holds
 * @param deadlineNanos {@link System#nanoTime()} after which nobody waits for the result; {@link Long#MAX_VALUE}: none
 * @param precedence whose request it is, and how urgent
 */
public record CaptionRequest(
        String model, String version, EmbedInput image, SamplingOptions sampling, OptionalLong seed, int maxTokens,
        long deadlineNanos, Precedence precedence) {}
