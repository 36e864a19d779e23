package io.scanline.server.engine;

import java.util.Optional;

/**
 * One image while it grows. It is its own outbox: values are appended by the decode lane and read by anybody at any
 * pace, so that a slow reader costs one image of memory and never slows the lane.
 */
public interface ImageProgress {
    /** Index of the image in its request. */
    int index();

    /** Values decided so far, given ones included; grows to the number of steps unless the image is given up. */
    int decided();

    /** Copies values {@code from} (inclusive) to {@code to} (exclusive, at most {@link #decided()}). */
    byte[] values(int from, int to);

    /**
     * The result, once the image has ended: every value is decided and it is known whether it is kept, or it was given
     * up. Nothing is decided after it.
     */
    Optional<ImageResult> result();

    /** The codes that it is made of, all at once, when they are decided; empty where the values themselves are drawn. */
    default Optional<CodeProgress> codes() {
        return Optional.empty();
    }

    /** Of a pipeline that ranks: how it stands, once it has a result; empty of one that was given up. */
    default Optional<ImageRank> rank() {
        return Optional.empty();
    }
}
