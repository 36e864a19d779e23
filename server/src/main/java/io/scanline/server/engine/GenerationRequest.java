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
 * @param precedence whose request it is, and how urgent
 * @param prompt what to draw, of a model that draws what a text says
 * @param precision arithmetic of the steps; empty: the model's first
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
        long deadlineNanos,
        Precedence precedence,
        PromptOptions prompt,
        String precision) {
    /** Says no precision. */
    public GenerationRequest(
            String model, String version, ClassSelector label, OptionalLong seed, int count, SamplingOptions sampling,
            byte[] prefix, Optional<MaskedValues> given, Optional<BestOf> bestOf, long deadlineNanos,
            Precedence precedence, PromptOptions prompt) {
        this(model, version, label, seed, count, sampling, prefix, given, bestOf, deadlineNanos, precedence, prompt,
                "");
    }

    /** Says neither prompt nor precision. */
    public GenerationRequest(
            String model, String version, ClassSelector label, OptionalLong seed, int count, SamplingOptions sampling,
            byte[] prefix, Optional<MaskedValues> given, Optional<BestOf> bestOf, long deadlineNanos,
            Precedence precedence) {
        this(model, version, label, seed, count, sampling, prefix, given, bestOf, deadlineNanos, precedence,
                PromptOptions.NONE);
    }

    /** Gives a prefix at most, keeps all images, is of nobody in particular and not urgent. */
    public GenerationRequest(
            String model, String version, ClassSelector label, OptionalLong seed, int count, SamplingOptions sampling,
            byte[] prefix, long deadlineNanos) {
        this(model, version, label, seed, count, sampling, prefix, Optional.empty(), Optional.empty(), deadlineNanos,
                Precedence.ORDINARY);
    }

    /** The same with this prompt. */
    public GenerationRequest prompted(PromptOptions said) {
        return new GenerationRequest(
                model, version, label, seed, count, sampling, prefix, given, bestOf, deadlineNanos, precedence, said,
                precision);
    }

    /** The same in this precision. */
    public GenerationRequest in(String said) {
        return new GenerationRequest(
                model, version, label, seed, count, sampling, prefix, given, bestOf, deadlineNanos, precedence, prompt,
                said);
    }

    /** The same of this model, with another class, prefix, prompt and precision. */
    GenerationRequest of(
            ModelInfo other, ClassSelector drawn, byte[] first, PromptOptions said, String computed) {
        return new GenerationRequest(
                other.name(), other.version(), drawn, seed, count, sampling, first, given, bestOf, deadlineNanos,
                precedence, said, computed);
    }
}
