package io.scanline.trainer.ops;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Which numbers are left out, one tensor after the other. Of its own numbers, four to a draw: libtorch's generator is slower
 * than the products between which it would stand.
 */
final class Dropout {
    private static final int BITS = 16;
    private static final int DRAWS = Long.SIZE / BITS;

    private final int left;
    private final float kept;
    private final SplittableRandom random;

    /**
     * Draws from a seed.
     *
     * @param share that is left out, from 0 to below 1, to the nearest 65536th
     */
    Dropout(double share, long seed) {
        if (!(share >= 0 && share < 1)) {
            throw new IllegalArgumentException("dropout of " + share + " is not from 0 to below 1");
        }
        this.left = (int) Math.round(share * (1 << BITS));
        this.kept = (float) (1 / (1 - (double) left / (1 << BITS)));
        this.random = new SplittableRandom(seed);
    }

    /** 0 for what is left out, and for the rest what keeps the mean. */
    Tensor factors(long... shape) {
        float[] factors = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact))];
        long draws = 0;
        for (int i = 0; i < factors.length; i++) {
            draws = i % DRAWS == 0 ? random.nextLong() : draws >>> BITS;
            factors[i] = (draws & (1 << BITS) - 1) < left ? 0 : kept;
        }
        return torch.tensor(factors).reshape(shape);
    }
}
