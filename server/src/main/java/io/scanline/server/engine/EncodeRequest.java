package io.scanline.server.engine;

import java.util.List;

/**
 * Asks for latents of images.
 *
 * @param model name of the model
 * @param version its version; empty: the highest that is serving
 * @param label class to condition on
 * @param images all values of every image, one byte each in raster order; 1 image to the engine's limit
 * @param deadlineNanos {@link System#nanoTime()} after which nobody waits for the result; {@link Long#MAX_VALUE}: none
 */
public record EncodeRequest(
        String model, String version, ClassSelector label, List<byte[]> images, long deadlineNanos) {}
