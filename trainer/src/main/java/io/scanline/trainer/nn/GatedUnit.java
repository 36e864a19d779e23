package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import java.util.List;

/** Gated activation: tanh(a) sigmoid(b) for an input whose last dimension is a and b side by side. */
public final class GatedUnit {
    private GatedUnit() {}

    /** (B, S, 2 width) to (B, S, width). */
    public static <T> T apply(Ops<T> ops, T x, int width) {
        List<T> halves = ops.split(x, 2, width);
        return ops.multiply(ops.tanh(halves.get(0)), ops.sigmoid(halves.get(1)));
    }
}
