package io.scanline.trainer.nn;

import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;

/** Anything with learned tensors. */
public interface Network {
    /** All learned tensors, in a fixed order. */
    List<ParameterSpec> parameters();

    /** Number of learned scalars. */
    default long size() {
        return parameters().stream().mapToLong(ParameterSpec::size).sum();
    }
}
