package io.scanline.trainer.models;

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

    /** Throws what {@link #check} promises. */
    static void require(boolean met, String need) {
        if (!met) {
            throw new IllegalArgumentException(need);
        }
    }
}
