package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;
import java.util.stream.Stream;

/** The end of convolutional autoregressive networks: ReLU, 1 x 1 convolution, ReLU, 1 x 1 convolution to logits. */
public final class OutputHead implements Network {
    private static final double FIRST_LOGITS = 0.1; // nearly equal probabilities at the start
    private final Linear hidden;
    private final Linear logits;

    /** A head (B, S, inputs) to (B, S, levels). */
    public OutputHead(String name, int inputs, int width, int levels) {
        hidden = new Linear(name + ".hidden", inputs, width, Math.sqrt(2.0 / inputs));
        logits = new Linear(name + ".logits", width, levels, FIRST_LOGITS / Math.sqrt(width));
    }

    @Override
    public List<ParameterSpec> parameters() {
        return Stream.of(hidden, logits).flatMap(part -> part.parameters().stream()).toList();
    }

    /** The logits. */
    public <T> T apply(Ops<T> ops, T x) {
        return logits.apply(ops, ops.relu(hidden.apply(ops, ops.relu(x))));
    }
}
