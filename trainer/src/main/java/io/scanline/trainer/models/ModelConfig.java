package io.scanline.trainer.models;

import io.scanline.trainer.nn.TextEncoder;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

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

    /** The trained model whose image encoder the training goes by, if it does. */
    default Optional<Needed> needs() {
        return Optional.empty();
    }

    /**
     * A bundle of our own making.
     *
     * @param bundle NAME/VERSION of a classifier or a CLIP
     * @param digest SHA-256 of that bundle's description, 64 lower-case hexadecimal digits; absent: any will do, and that of the
     *     one that a training starts with is written into the run's own recipe
     */
    record Needed(String bundle, String digest) {
        /** Whether another one means the same bundle by name, and another one by content. */
        public boolean replaced(Needed other) {
            return bundle.equals(other.bundle) && !Objects.equals(digest, other.digest);
        }

        /** Throws what {@link ModelConfig#check} promises of the part of a recipe that names it. */
        void check(String name) {
            require(
                    bundle != null && bundle.matches("[a-z0-9-]{1,64}/[1-9][0-9]*"),
                    "NAME/VERSION as " + name + ".bundle, not " + bundle);
            require(
                    digest == null || digest.matches("[0-9a-f]{64}"),
                    "64 lower-case hexadecimal digits as " + name + ".digest");
        }
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
