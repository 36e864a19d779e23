package io.scanline.trainer.ops;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** By how much numbers are changed, one tensor after the other. */
final class Jitter {
    private final SplittableRandom random;

    /** Draws from a seed. */
    Jitter(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** Draws from [-most, most). */
    Tensor from(float most, long... shape) {
        float[] draws = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact))];
        for (int i = 0; i < draws.length; i++) {
            draws[i] = most * (float) (2 * random.nextDouble() - 1);
        }
        return torch.tensor(draws).reshape(shape);
    }
}
