package io.scanline.trainer.models;

import io.scanline.bundle.v1.Offset;
import io.scanline.trainer.ops.Ops;
import java.util.List;
import java.util.Optional;

/**
 * The part of an autoregressive network that sees rows above only. It may therefore look to the right, which a step
 * cannot, and is run once for every row before the row's first step (Ramachandran et al. 2017, "Fast Generation for
 * Convolutional Autoregressive Models").
 */
public interface RowsAbove {
    /** Offsets of the K values that a position is shown, all in rows above. */
    List<Offset> context();

    /** Width F of the features of a position. */
    int features();

    /**
     * Features of positions: all those of an image, or of one row.
     *
     * @param shown int64 (B, S, K): levels of the neighbours of every position; {@code levels} outside the image
     * @param label int64 (B): class; empty where the network does not know of classes
     * @return (B, S, F)
     */
    <T> T apply(Ops<T> ops, T shown, Optional<T> label);
}
