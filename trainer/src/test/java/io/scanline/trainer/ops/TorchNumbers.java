package io.scanline.trainer.ops;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Plain numbers to tensors and back. */
public final class TorchNumbers {
    private TorchNumbers() {}

    /** The numbers of a tensor in row-major order, whatever its type. */
    public static float[] of(Tensor tensor) {
        Tensor plain = tensor.detach().to(ScalarType.Float).contiguous();
        float[] numbers = new float[(int) plain.numel()];
        plain.data_ptr_float().get(numbers);
        return numbers;
    }

    /** A tensor of independent normal numbers. */
    public static Tensor normal(long seed, long... shape) {
        torch.manual_seed(seed);
        return torch.randn(shape);
    }
}
