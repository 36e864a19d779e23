package io.scanline.server.engine;

import java.util.Optional;

/**
 * What a request says of the text to draw. Whether the model reads texts, and what it reads, is found by its checks.
 *
 * @param text what to draw; absent: nothing is said, which is not the same as an empty text
 * @param guidance g of classifier-free guidance; absent: as the model recommends
 */
public record PromptOptions(Optional<String> text, Optional<Float> guidance) {
    /** Says nothing. */
    public static final PromptOptions NONE = new PromptOptions(Optional.empty(), Optional.empty());

    /** A text, guided as the model recommends. */
    public static PromptOptions of(String text) {
        return new PromptOptions(Optional.of(text), Optional.empty());
    }

    /** A text and how strongly it guides. */
    public static PromptOptions of(String text, float guidance) {
        return new PromptOptions(Optional.of(text), Optional.of(guidance));
    }

    /** What this leaves out is as another one says. */
    PromptOptions or(PromptOptions other) {
        return new PromptOptions(text.or(other::text), guidance.or(other::guidance));
    }
}
