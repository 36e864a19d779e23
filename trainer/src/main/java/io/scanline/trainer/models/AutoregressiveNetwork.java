package io.scanline.trainer.models;

import io.scanline.bundle.v1.Offset;
import io.scanline.trainer.ops.Ops;
import java.util.List;
import java.util.Optional;

/** A network that gives the distribution of every value of an image from those before it. */
public interface AutoregressiveNetwork extends ImageNetwork {
    /** Offsets of the K values that a position is shown directly, all before it in generation order. */
    List<Offset> context();

    /** The part that sees the rows above only; empty: the network is made of steps alone. */
    default Optional<RowsAbove> rowsAbove() {
        return Optional.empty();
    }

    /** Components D of the vector that says of an image what it shows, one for all its values; 0: there is none. */
    default int conditionWidth() {
        return 0;
    }

    /**
     * Logits of the values at given positions.
     *
     * @return (B, S, levels)
     */
    <T> T logits(Ops<T> ops, Seen<T> seen);

    /**
     * What positions are given.
     *
     * @param shown int64 (B, S, K): levels of the neighbours of every position; {@code levels} outside the image
     * @param position int64 (B, S): index of the value in generation order
     * @param label int64 (B): class; empty where the network does not know of classes
     * @param features (B, S, F) of {@link #rowsAbove}; empty where there is none
     * @param condition (B, D), D = {@link #conditionWidth}; empty where that is 0
     */
    record Seen<T>(T shown, T position, Optional<T> label, Optional<T> features, Optional<T> condition) {}

    /**
     * Logits of all values of images at once.
     *
     * @param shownAbove int64 (B, S, K): levels that {@link #rowsAbove} is shown; empty where there is none
     * @param condition as {@link Seen#condition}
     * @return (B, S, levels)
     */
    default <T> T imageLogits(
            Ops<T> ops, T shown, Optional<T> shownAbove, T position, Optional<T> label, Optional<T> condition) {
        Optional<T> features = rowsAbove().map(rows -> rows.apply(ops, shownAbove.orElseThrow(), label));
        return logits(ops, new Seen<>(shown, position, label, features, condition));
    }
}
