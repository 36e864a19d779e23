package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;

/**
 * Layer normalisation of a residual sum.
 *
 * @param name prefix of its parameters
 * @param width size of the last dimension
 */
public record LayerNorm(String name, int width) implements Network {
    @Override
    public List<ParameterSpec> parameters() {
        return List.of(
                ParameterSpec.constant(name + ".gain", 1, width), ParameterSpec.constant(name + ".bias", 0, width));
    }

    /** The sum of x and residual, (B, S, width), and its normalisation. */
    public <T> Ops.Normalised<T> apply(Ops<T> ops, T x, T residual) {
        return ops.addLayerNorm(x, residual, ops.parameter(name + ".gain"), ops.parameter(name + ".bias"));
    }
}
