package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;
import java.util.Optional;

/**
 * A learned vector for every class, added at every position.
 *
 * @param name of its table
 * @param classes number of classes; 0: nothing is added
 * @param width of what it is added to
 */
public record ClassBias(String name, int classes, int width) implements Network {
    private static final double DEVIATION = 0.1;

    @Override
    public List<ParameterSpec> parameters() {
        return classes == 0
                ? List.of()
                : List.of(ParameterSpec.normal(name, DEVIATION, false, classes, width));
    }

    /** x (B, S, width) plus the vector of each image's class, int64 (B). */
    public <T> T add(Ops<T> ops, T x, Optional<T> label) {
        return label.map(index -> ops.add(x, ops.unsqueeze(ops.embed(ops.parameter(name), index), 1)))
                .orElse(x);
    }
}
