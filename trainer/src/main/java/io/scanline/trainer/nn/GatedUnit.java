package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;

/** Gated activation: tanh(a) sigmoid(b) for an input whose last dimension is a and b side by side. */
public final class GatedUnit {
    private GatedUnit() {}

    /** (B, S, 2 width) to (B, S, width). */
    public static <T> T apply(Ops<T> ops, T x, int width) {
        return ops.multiply(ops.tanh(ops.slice(x, 0, width)), ops.sigmoid(ops.slice(x, width, width)));
    }
}
