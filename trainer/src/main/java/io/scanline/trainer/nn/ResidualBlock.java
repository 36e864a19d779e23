package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;
import java.util.stream.Stream;

/** x + conv1x1(relu(conv3x3(relu(x)))), as in van den Oord et al. 2017, section 4.1. */
public final class ResidualBlock implements Network {
    private static final double RECTIFIED = Math.sqrt(2);
    /** The branch starts small beside the identity. */
    private static final double BRANCH = 0.5;

    private final Convolution wide;
    private final Convolution narrow;

    /**
     * A block.
     *
     * @param name prefix of its parameters
     * @param channels of x
     * @param hidden channels between the convolutions
     */
    public ResidualBlock(String name, int channels, int hidden) {
        wide = Convolution.same(name + ".wide", channels, hidden, 3, RECTIFIED);
        narrow = Convolution.same(name + ".narrow", hidden, channels, 1, BRANCH);
    }

    @Override
    public List<ParameterSpec> parameters() {
        return Stream.concat(wide.parameters().stream(), narrow.parameters().stream()).toList();
    }

    /** (B, C, H, W) to (B, C, H, W). */
    public <T> T apply(Ops<T> ops, T x) {
        return ops.add(x, narrow.apply(ops, ops.relu(wide.apply(ops, ops.relu(x)))));
    }
}
