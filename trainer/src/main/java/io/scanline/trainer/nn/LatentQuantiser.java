package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;

/** Replaces vectors by codes of a finite set, and tells codes by their index. */
public interface LatentQuantiser extends Network {
    /** Width d of the vectors that it replaces. */
    int width();

    /** Number K of codes. */
    int codes();

    /** The codes of vectors (B, h, w, d). */
    <T> Quantised<T> quantise(Ops<T> ops, T vectors);

    /** The codes (B, h, w, d) of tokens, int64 (B, h, w). */
    <T> T lookUp(Ops<T> ops, T tokens);

    /**
     * Vectors and their codes.
     *
     * @param source (B, h, w, d): what was replaced, after whatever bounds it
     * @param code (B, h, w, d): what replaced it, without a gradient to the source
     * @param tokens int64 (B, h, w): index of the code
     */
    record Quantised<T>(T source, T code, T tokens) {
        /** The codes, through which gradients pass to the source as if nothing had been replaced. */
        public T straightThrough(Ops<T> ops) {
            return ops.straightThrough(code, source);
        }
    }
}
