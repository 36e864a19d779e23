package io.scanline.trainer.training;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Random tensors that are a function of their seed. They belong to the caller's PointerScope. */
final class Noise {
    private Noise() {}

    /** Independent standard normal numbers. */
    static Tensor normal(long seed, long... shape) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] numbers = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b))];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return torch.tensor(numbers).reshape(shape);
    }
}
