package io.scanline.server.engine;

import java.util.List;

/**
 * Asks for images of latents.
 *
 * @param model name of the model
 * @param version its version; empty: the highest that is serving
 * @param label class to condition on
 * @param latents 1 latent to the engine's limit
 * @param deadlineNanos {@link System#nanoTime()} after which nobody waits for the result; {@link Long#MAX_VALUE}: none
 */
public record DecodeRequest(
        String model, String version, ClassSelector label, List<Latent> latents, long deadlineNanos) {}
