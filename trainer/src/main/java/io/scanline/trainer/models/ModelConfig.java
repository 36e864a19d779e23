package io.scanline.trainer.models;

import io.scanline.trainer.nn.TextEncoder;
import java.util.List;

/** Hyper-parameters of a model family, as a recipe gives them: a record whose components are the recipe's fields. */
public interface ModelConfig {
    /**
     * Checks the numbers against each other.
     *
     * @throws IllegalArgumentException whose message says what a recipe needs
     */
    void check();

    /** The network that they describe, for images of this shape. */
    ImageNetwork network(ImageShape shape);

    /** Whether the network is a model of grids of codes, which a tokenizer makes of images, and not of the images. */
    default boolean ofCodes() {
        return false;
    }

    /** Whether the network is one of images with captions, and not of images with classes. */
    default boolean ofCaptions() {
        return false;
    }

    /**
     * How large the part is that reads captions.
     *
     * @throws IllegalStateException unless {@link #ofCaptions}
     */
    default TextEncoder.Size text() {
        throw new IllegalStateException("the network reads nothing");
    }

    /** Throws what {@link #check} promises of the size of a part that reads texts. */
    static void requireText(TextEncoder.Size text) {
        require(text != null, "the size of its text");
        require(text.width() >= 1 && text.depth() >= 1 && text.hidden() >= 1, "text.width, depth and hidden of at least 1");
        require(text.context() >= 2 && text.context() <= 4096, "a text.context from 2 to 4096");
        require(text.vocabulary() >= 8, "a text.vocabulary of at least 8");
        require(
                text.heads() >= 1 && text.width() % text.heads() == 0,
                "text.width, " + text.width() + ", that is a multiple of its heads, " + text.heads());
    }

    /** Throws what {@link #check} promises. */
    static void require(boolean met, String need) {
        if (!met) {
            throw new IllegalArgumentException(need);
        }
    }

    /** Throws when a list of layer widths is missing or has one below 1. */
    static void requireWidths(List<Integer> widths, String name) {
        require(
                widths != null && widths.stream().allMatch(width -> width != null && width >= 1),
                "a list of " + name + ", empty or of numbers of at least 1");
    }
}
