package io.scanline.server.engine;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Asks for images.
 *
 * @param model name of the model
 * @param version its version; empty: the highest that is serving
 * @param label class to draw
 * @param seed seed of all randomness; absent: the engine draws one
 * @param count number of images, 1 to the engine's limit
 * @param sampling how values are drawn
 * @param prefix given first values of every image, one byte each in generation order
 * @param given values that are given anywhere in every image; excludes a prefix
 * @param bestOf which images are kept; absent: all
 * @param deadlineNanos {@link System#nanoTime()} after which nobody waits for the result; {@link Long#MAX_VALUE}: none
 */
public record GenerationRequest(
        String model,
        String version,
        ClassSelector label,
        OptionalLong seed,
        int count,
        SamplingOptions sampling,
        byte[] prefix,
        Optional<MaskedValues> given,
        Optional<BestOf> bestOf,
        long deadlineNanos) {
    /** Gives a prefix at most, and keeps all images. */
    public GenerationRequest(
            String model, String version, ClassSelector label, OptionalLong seed, int count, SamplingOptions sampling,
            byte[] prefix, long deadlineNanos) {
        this(model, version, label, seed, count, sampling, prefix, Optional.empty(), Optional.empty(), deadlineNanos);
    }
}
