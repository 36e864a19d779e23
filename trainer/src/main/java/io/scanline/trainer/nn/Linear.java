package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;

/**
 * An affine map (.., inputs) to (.., outputs).
 *
 * @param name prefix of its parameters
 * @param deviation standard deviation of the initial weights
 */
public record Linear(String name, int inputs, int outputs, double deviation) implements Network {
    @Override
    public List<ParameterSpec> parameters() {
        return List.of(
                ParameterSpec.normal(name + ".weight", deviation, true, inputs, outputs),
                ParameterSpec.constant(name + ".bias", 0, outputs));
    }

    /** x W + b. */
    public <T> T apply(Ops<T> ops, T x) {
        return ops.linear(x, ops.parameter(name + ".weight"), ops.parameter(name + ".bias"));
    }
}
