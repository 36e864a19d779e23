package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import io.scanline.trainer.ops.Taps;
import java.util.List;

/**
 * A convolution (B, S, inputs) to (B, S, outputs) over the positions of images.
 *
 * @param name prefix of its parameters
 * @param taps the positions that it reads
 * @param deviation standard deviation of the initial weights
 */
public record TapConvolution(String name, int inputs, int outputs, Taps taps, double deviation) implements Network {
    @Override
    public List<ParameterSpec> parameters() {
        return List.of(
                ParameterSpec.normal(name + ".weight", deviation, true, taps.count(), inputs, outputs),
                ParameterSpec.constant(name + ".bias", 0, outputs));
    }

    /** sum_r x_(i + tap r) W_r + b. */
    public <T> T apply(Ops<T> ops, T x) {
        return ops.convolve(x, ops.parameter(name + ".weight"), ops.parameter(name + ".bias"), taps);
    }
}
