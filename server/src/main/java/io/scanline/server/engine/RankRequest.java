package io.scanline.server.engine;

import java.util.List;

/**
 * A request to order candidates by how well they fit.
 *
 * @param model name of the model
 * @param version empty: the highest that is serving
 * @param query what the candidates are compared with
 * @param candidates images or texts
 * @param deadlineNanos on the clock of {@link System#nanoTime()}; {@link Long#MAX_VALUE}: none
 */
public record RankRequest(
        String model, String version, EmbedInput query, List<EmbedInput> candidates, long deadlineNanos) {}
