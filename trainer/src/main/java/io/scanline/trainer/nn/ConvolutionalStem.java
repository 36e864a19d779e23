package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Convolutions before a transformer's patches, which learn from fewer images what lies beside what (Xiao et al. 2021, "Early
 * convolutions help transformers see better", arXiv:2106.14881, section 4; Hassani et al. 2021, arXiv:2104.05704):
 *
 * <pre>  x_i = gelu(residual(halve(x_(i-1))))</pre>
 *
 * <p>Deviations from the papers: kernels of 4 x 4 halve the edges, a residual block is added, and nothing is normalised over
 * a batch, so that an image's numbers do not depend on its neighbours.
 */
final class ConvolutionalStem implements Network {
    private static final double RECTIFIED = Math.sqrt(2);

    private final Planes planes;
    private final List<Convolution> halvings = new ArrayList<>();
    private final List<ResidualBlock> residuals = new ArrayList<>();

    /**
     * A stem.
     *
     * @param name prefix of its parameters
     * @param channels after every stage; none: the image stays as it is
     * @throws IllegalArgumentException when an edge cannot be halved so often
     */
    ConvolutionalStem(String name, Planes image, List<Integer> channels) {
        Planes seen = image;
        for (int out : channels) {
            String stage = name + halvings.size();
            halvings.add(Convolution.halving(stage + ".halving", seen.channels(), out, RECTIFIED));
            residuals.add(new ResidualBlock(stage + ".residual", out, out));
            seen = seen.halved(out);
        }
        planes = seen;
    }

    /** Size of what it makes of an image. */
    Planes planes() {
        return planes;
    }

    @Override
    public List<ParameterSpec> parameters() {
        return Stream.<Network>concat(halvings.stream(), residuals.stream())
                .flatMap(layer -> layer.parameters().stream())
                .toList();
    }

    /** (B, C, H, W) to (B, channels, H / 2^stages, W / 2^stages). */
    <T> T apply(Ops<T> ops, T image) {
        T x = image;
        for (int stage = 0; stage < halvings.size(); stage++) {
            x = ops.gelu(residuals.get(stage).apply(ops, halvings.get(stage).apply(ops, x)));
        }
        return x;
    }
}
