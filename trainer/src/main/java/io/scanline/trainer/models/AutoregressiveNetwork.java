package io.scanline.trainer.models;

import io.scanline.bundle.v1.Offset;
import io.scanline.trainer.ops.Ops;
import java.util.List;

/** A network that gives the distribution of every value of an image from those before it, with cached attention. */
public interface AutoregressiveNetwork extends ImageNetwork {
    /** Offsets of the K values that a position is shown directly, all before it in generation order. */
    List<Offset> context();

    /** Attention layers: each caches keys and values. */
    int depth();

    /** Attention heads of every layer. */
    int heads();

    /** Width of a head. */
    int headSize();

    /**
     * Logits of the values at given positions.
     *
     * @param shown int64 (B, S, K): levels of the neighbours of every position; {@code levels} outside the image
     * @param position int64 (B, S): index of the value in generation order
     * @param label int64 (B): class
     * @return (B, S, levels)
     */
    <T> T logits(Ops<T> ops, T shown, T position, T label);
}
