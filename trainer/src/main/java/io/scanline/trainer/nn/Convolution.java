package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;

/**
 * A convolution (B, inputs, H, W) to (B, outputs, H', W').
 *
 * @param name prefix of its parameters
 * @param kernel edge k of the square that it sees
 * @param stride pixels from one output to the next
 * @param padding zeros around the image
 * @param gain of the initial weights: their deviation is gain / sqrt(numbers that are summed)
 */
public record Convolution(String name, int inputs, int outputs, int kernel, int stride, int padding, double gain)
        implements Network {
    /** Halves both edges, which are even. */
    public static Convolution halving(String name, int inputs, int outputs, double gain) {
        return new Convolution(name, inputs, outputs, 4, 2, 1, gain);
    }

    /** Keeps the size of the image. */
    public static Convolution same(String name, int inputs, int outputs, int kernel, double gain) {
        return new Convolution(name, inputs, outputs, kernel, 1, kernel / 2, gain);
    }

    @Override
    public List<ParameterSpec> parameters() {
        double deviation = gain / Math.sqrt((double) inputs * kernel * kernel);
        return List.of(
                ParameterSpec.normal(name + ".weight", deviation, true, outputs, inputs, kernel, kernel),
                ParameterSpec.constant(name + ".bias", 0, outputs));
    }

    /** The convolution of x. */
    public <T> T apply(Ops<T> ops, T x) {
        return ops.conv2d(x, ops.parameter(name + ".weight"), ops.parameter(name + ".bias"), stride, padding);
    }
}
