package io.scanline.server.engine;

import java.util.Optional;

/**
 * A generation request whose every field was found good.
 *
 * @param label class index; 0 for a model without classes
 * @param seed seed of all randomness
 * @param count number of images
 * @param sampling how values are drawn
 * @param given values that were given, of every image
 * @param bestOf which images are kept; absent: all
 * @param deadlineNanos {@link System#nanoTime()} after which nobody waits; {@link Long#MAX_VALUE}: none
 * @param precedence whose request it is, and how urgent
 * @param prompt the text to draw; absent: the model reads none
 * @param precision arithmetic of the steps, which the model has; empty: it takes none
 */
record CheckedRequest(
        int label, long seed, int count, SamplingOptions sampling, Given given, Optional<BestOf> bestOf,
        long deadlineNanos, Precedence precedence, Optional<CheckedPrompt> prompt, String precision) {
    /** In no precision in particular. */
    CheckedRequest(
            int label, long seed, int count, SamplingOptions sampling, Given given, Optional<BestOf> bestOf,
            long deadlineNanos, Precedence precedence, Optional<CheckedPrompt> prompt) {
        this(label, seed, count, sampling, given, bestOf, deadlineNanos, precedence, prompt, "");
    }

    /** Of a model that reads no texts. */
    CheckedRequest(
            int label, long seed, int count, SamplingOptions sampling, Given given, Optional<BestOf> bestOf,
            long deadlineNanos, Precedence precedence) {
        this(label, seed, count, sampling, given, bestOf, deadlineNanos, precedence, Optional.empty());
    }

    /** Slots that each of its images takes: two when it is computed both with its text and without. */
    int rows() {
        return prompt.isPresent() && prompt.get().guided() ? 2 : 1;
    }
}
