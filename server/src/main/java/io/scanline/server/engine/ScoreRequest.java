package io.scanline.server.engine;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Asks for likelihoods, exact ones or bounds: {@link ModelInfo#scored()}.
 *
 * @param model name of the model
 * @param version its version; empty: the highest that is serving
 * @param label class to condition on
 * @param images all values of every image, one byte each in generation order; 1 image to the engine's limit
 * @param perValue whether the likelihood of every value is wanted; refused where there is only a bound
 * @param importanceSamples latents that a bound is computed with, 1 to the engine's limit; absent: 1. Refused where
 *     the likelihood is exact
 * @param seed seed of those latents
 * @param prompt text to condition on, of a model that draws what a text says
 * @param precision arithmetic of the steps; empty: the model's first
 * @param deadlineNanos {@link System#nanoTime()} after which nobody waits for the result; {@link Long#MAX_VALUE}: none
 */
public record ScoreRequest(
        String model, String version, ClassSelector label, List<byte[]> images, boolean perValue,
        OptionalInt importanceSamples, long seed, Optional<String> prompt, String precision, long deadlineNanos) {
    /** Says no precision. */
    public ScoreRequest(
            String model, String version, ClassSelector label, List<byte[]> images, boolean perValue,
            OptionalInt importanceSamples, long seed, Optional<String> prompt, long deadlineNanos) {
        this(model, version, label, images, perValue, importanceSamples, seed, prompt, "", deadlineNanos);
    }

    /** Says no prompt. */
    public ScoreRequest(
            String model, String version, ClassSelector label, List<byte[]> images, boolean perValue,
            OptionalInt importanceSamples, long seed, long deadlineNanos) {
        this(model, version, label, images, perValue, importanceSamples, seed, Optional.empty(), deadlineNanos);
    }

    /** The same in this precision. */
    public ScoreRequest in(String said) {
        return new ScoreRequest(
                model, version, label, images, perValue, importanceSamples, seed, prompt, said, deadlineNanos);
    }

    /** Nothing but the images. */
    public ScoreRequest(
            String model, String version, ClassSelector label, List<byte[]> images, long deadlineNanos) {
        this(model, version, label, images, false, OptionalInt.empty(), 0, deadlineNanos);
    }
}
