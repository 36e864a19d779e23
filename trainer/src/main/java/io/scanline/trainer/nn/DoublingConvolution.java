package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;

/**
 * The transpose of a convolution that halves both edges: (B, inputs, H, W) to (B, outputs, 2 H, 2 W).
 *
 * @param name prefix of its parameters
 * @param gain of the initial weights: their deviation is gain / sqrt(numbers that are summed)
 */
public record DoublingConvolution(String name, int inputs, int outputs, double gain) implements Network {
    private static final int KERNEL = 4;
    private static final int STRIDE = 2;
    private static final int PADDING = 1;

    @Override
    public List<ParameterSpec> parameters() {
        int summed = inputs * KERNEL * KERNEL / (STRIDE * STRIDE); // a quarter of the kernel meets an output
        return List.of(
                ParameterSpec.normal(name + ".weight", gain / Math.sqrt(summed), true, inputs, outputs, KERNEL, KERNEL),
                ParameterSpec.constant(name + ".bias", 0, outputs));
    }

    /** The transposed convolution of x. */
    public <T> T apply(Ops<T> ops, T x) {
        return ops.convTranspose2d(
                x, ops.parameter(name + ".weight"), ops.parameter(name + ".bias"), STRIDE, PADDING);
    }
}
