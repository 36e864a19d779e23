package io.scanline.trainer.ops;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.constant_pad_nd;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;

import io.scanline.bundle.v1.Offset;
import java.util.Arrays;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Multi-head self-attention as libtorch computes it, all positions of images at once. In fp32 whatever the autocast:
 * the bf16 kernel of this libtorch build is many times slower in its gradient.
 *
 * @param heads H
 * @param headSize D
 */
record TorchAttention(int heads, int headSize) {
    /** See {@link Ops#causalAttention}. */
    Tensor causal(Tensor qkv, int window) {
        Tensor split = split(qkv);
        Tensor query = split.select(0, 0);
        Tensor key = split.select(0, 1);
        Tensor value = split.select(0, 2);
        return merge(
                window == 0 || window >= qkv.size(1)
                        ? attend(query, key, value, new TensorOptional(), true)
                        : attendInBlocks(query, key, value, window));
    }

    /** See {@link Ops#attention}. */
    Tensor mutual(Tensor qkv) {
        Tensor split = split(qkv);
        return merge(attend(split.select(0, 0), split.select(0, 1), split.select(0, 2), new TensorOptional(), false));
    }

    /**
     * See {@link Ops#neighbourAttention}. The queries of a row meet all keys of the rows that neighbours lie in, so cost
     * is linear in the height of the image (2D local attention of Parmar et al. 2018, a query block being a row).
     */
    Tensor nearby(Tensor qkv, Taps.Neighbours neighbours) {
        int width = neighbours.width();
        int rows = (int) (qkv.size(1) / width);
        Tensor split = split(qkv);
        Tensor query = split.select(0, 0).reshape(-1, rows, width, headSize); // (B H, rows, width, D)
        Tensor key = withRowsAbove(split.select(0, 1), rows, neighbours);
        Tensor value = withRowsAbove(split.select(0, 2), rows, neighbours);
        Tensor mixed = attend(query, key, value, new TensorOptional(rowMask(rows, neighbours)), false);
        return merge(mixed.reshape(-1, heads, qkv.size(1), headSize));
    }

    /** (B, S, 3 d) to (3, B, H, S, D). */
    private Tensor split(Tensor qkv) {
        return qkv.to(ScalarType.Float)
                .reshape(qkv.size(0), qkv.size(1), 3, heads, headSize)
                .permute(2, 0, 3, 1, 4);
    }

    /** (B, H, S, D) to (B, S, d). */
    private Tensor merge(Tensor mixed) {
        return mixed.permute(0, 2, 1, 3).reshape(mixed.size(0), mixed.size(2), (long) heads * headSize);
    }

    /** (B, H, S, D) to (B H, rows, (above + 1) width, D): every row behind those above it, zeros above the image. */
    private Tensor withRowsAbove(Tensor x, int rows, Taps.Neighbours neighbours) {
        long row = (long) neighbours.width() * headSize;
        int above = neighbours.above();
        Tensor padded = constant_pad_nd(x.reshape(-1, rows, row), new long[] {0, 0, above, 0}, new Scalar(0));
        Tensor[] shifted = new Tensor[above + 1];
        Arrays.setAll(shifted, i -> padded.narrow(1, i, rows));
        return cat(new TensorVector(shifted), 2).reshape(-1, rows, (above + 1L) * neighbours.width(), headSize);
    }

    /** (1, rows, width, (above + 1) width): 0 for keys that are neighbours inside the image, else minus infinity. */
    private static Tensor rowMask(int rows, Taps.Neighbours neighbours) {
        int width = neighbours.width();
        int keys = (neighbours.above() + 1) * width;
        float[] mask = new float[rows * width * keys];
        Arrays.fill(mask, Float.NEGATIVE_INFINITY);
        for (Offset offset : neighbours.all()) {
            for (int row = -offset.getRows(); row < rows; row++) {
                for (int column = 0; column < width; column++) {
                    int beside = column + offset.getColumns();
                    if (beside >= 0 && beside < width) {
                        int key = (neighbours.above() + offset.getRows()) * width + beside;
                        mask[(row * width + column) * keys + key] = 0;
                    }
                }
            }
        }
        return torch.tensor(mask).reshape(1, rows, width, keys);
    }

    /**
     * Windowed attention in blocks of one window: a block of queries meets its own keys and those of the block before,
     * so cost is linear in S (Parmar et al. 2018, section 3.2.1, with a sliding window instead of a fixed memory
     * block).
     */
    private static Tensor attendInBlocks(Tensor query, Tensor key, Tensor value, int window) {
        long[] shape = query.shape(); // (B, H, S, D)
        long positions = shape[2];
        long blocks = (positions + window - 1) / window;
        long missing = blocks * window - positions;
        long rows = shape[0] * shape[1];
        Tensor q = pad(query, missing).reshape(rows, blocks, window, shape[3]);
        Tensor k = withPrevious(pad(key, missing).reshape(rows, blocks, window, shape[3]));
        Tensor v = withPrevious(pad(value, missing).reshape(rows, blocks, window, shape[3]));
        Tensor mixed = attend(q, k, v, new TensorOptional(blockMask((int) blocks, window)), false);
        return mixed.reshape(shape[0], shape[1], blocks * window, shape[3]).narrow(2, 0, positions);
    }

    /**
     * (1, blocks, w, 2 w): query i of a block sees keys i + 1 to i + w of the previous and own block; the first has
     * none before.
     */
    private static Tensor blockMask(int blocks, int window) {
        float[] mask = new float[blocks * window * 2 * window];
        Arrays.fill(mask, Float.NEGATIVE_INFINITY);
        for (int block = 0; block < blocks; block++) {
            for (int i = 0; i < window; i++) {
                for (int j = block == 0 ? window : i + 1; j <= i + window; j++) {
                    mask[(block * window + i) * 2 * window + j] = 0;
                }
            }
        }
        return torch.tensor(mask).reshape(1, blocks, window, 2 * window);
    }

    private static Tensor pad(Tensor x, long missing) {
        if (missing == 0) {
            return x;
        }
        long[] shape = x.shape();
        shape[2] = missing;
        return cat(new TensorVector(x, torch.zeros(shape)), 2);
    }

    /** (n, blocks, w, D) to (n, blocks, 2 w, D): every block behind the one before it. */
    private static Tensor withPrevious(Tensor blocks) {
        long[] shape = blocks.shape();
        Tensor none = torch.zeros(shape[0], 1, shape[2], shape[3]);
        Tensor previous = shape[1] == 1
                ? none
                : cat(new TensorVector(none, blocks.narrow(1, 0, shape[1] - 1)), 1);
        return cat(new TensorVector(previous, blocks), 2);
    }

    private static Tensor attend(Tensor query, Tensor key, Tensor value, TensorOptional mask, boolean causal) {
        try (Precision.Scope scope = Precision.FP32.enter()) {
            return scaled_dot_product_attention(query, key, value, mask, 0.0, causal, new DoubleOptional(), false);
        }
    }
}
