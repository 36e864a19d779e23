package io.scanline.server.engine;

import java.util.Optional;

/**
 * The codes of one image while they are drawn, and what the decoder makes of those that are there. Like
 * {@link ImageProgress} it is its own outbox.
 */
public interface CodeProgress {
    /** Codes decided so far, given codes included; grows to the number of steps unless the image is given up. */
    int decided();

    /** Copies codes {@code from} (inclusive) to {@code to} (exclusive, at most {@link #decided()}), a byte each. */
    byte[] codes(int from, int to);

    /**
     * Asks the decoder for a preview of the codes so far; returns at once. When it is there the listener of the
     * generation is told. Nothing comes of it while the preview asked for before is being made, before the first code,
     * when the generation has ended, or when the decoder has no time for it: to be asked again later.
     */
    void askForPreview();

    /** The newest preview. */
    Optional<Preview> preview();

    /**
     * What the decoder made of the first codes, with the last of them in place of those that were not decided.
     *
     * @param decided codes that were decided
     * @param values all values of the picture, a byte each in raster order
     */
    record Preview(int decided, byte[] values) {}
}
