package io.scanline.server.engine;

import java.util.List;

/**
 * A request for vectors.
 *
 * @param model name of the model
 * @param version empty: the highest that is serving
 * @param inputs what to embed
 * @param deadlineNanos on the clock of {@link System#nanoTime()}; {@link Long#MAX_VALUE}: none
 */
public record EmbedRequest(String model, String version, List<EmbedInput> inputs, long deadlineNanos) {}
