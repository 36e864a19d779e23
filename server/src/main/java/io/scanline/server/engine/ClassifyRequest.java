package io.scanline.server.engine;

import java.util.List;

/**
 * A request for the classes of images.
 *
 * @param model name of the model
 * @param version empty: the highest that is serving
 * @param images what to classify; no texts
 * @param classNames what to choose from by comparing texts; empty: the model's own classes
 * @param templates texts with "{}" for the name; empty: the model's own
 * @param top classes to tell of each image; 0: all
 * @param deadlineNanos on the clock of {@link System#nanoTime()}; {@link Long#MAX_VALUE}: none
 */
public record ClassifyRequest(
        String model, String version, List<EmbedInput> images, List<String> classNames, List<String> templates,
        int top, long deadlineNanos) {}
