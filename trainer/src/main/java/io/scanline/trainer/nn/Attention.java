package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.Taps;

/** Which positions the self-attention of a block sees. */
public sealed interface Attention {
    /** From queries, keys and values (B, S, 3 d), heads side by side, to (B, S, d). */
    <T> T apply(Ops<T> ops, T qkv, int heads, int headSize);

    /** All positions, those behind the own one too. */
    record Mutual() implements Attention {
        @Override
        public <T> T apply(Ops<T> ops, T qkv, int heads, int headSize) {
            return ops.attention(qkv, heads, headSize);
        }
    }

    /**
     * In generation order.
     *
     * @param window positions, the own one included; 0: all
     */
    record Last(int window) implements Attention {
        @Override
        public <T> T apply(Ops<T> ops, T qkv, int heads, int headSize) {
            return ops.causalAttention(qkv, heads, headSize, window);
        }
    }

    /**
     * By place in the image.
     *
     * @param neighbours the own position among them
     */
    record Nearby(Taps.Neighbours neighbours) implements Attention {
        @Override
        public <T> T apply(Ops<T> ops, T qkv, int heads, int headSize) {
            return ops.neighbourAttention(qkv, heads, headSize, neighbours);
        }
    }
}
