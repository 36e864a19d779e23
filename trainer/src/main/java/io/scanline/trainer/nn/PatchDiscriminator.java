package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * How real every patch of an image looks (Isola et al. 2017, "Image-to-image translation with conditional adversarial
 * networks", arXiv 1611.07004, section 3.2.2): convolutions that halve the edges and one that gives a number for each place.
 * No normalisation layers.
 */
public final class PatchDiscriminator implements Network {
    private static final double RECTIFIED = Math.sqrt(2);

    private final List<Convolution> convolutions = new ArrayList<>();
    private final Convolution last;

    /**
     * A discriminator.
     *
     * @param name prefix of its parameters
     * @param features channels after every halving convolution
     * @throws IllegalArgumentException when an edge cannot be halved so often
     */
    public PatchDiscriminator(String name, Planes image, List<Integer> features) {
        Planes planes = image;
        for (int out : features) {
            String layer = name + ".convolution" + convolutions.size();
            convolutions.add(Convolution.halving(layer, planes.channels(), out, RECTIFIED));
            planes = planes.halved(out);
        }
        last = Convolution.same(name + ".last", planes.channels(), 1, 3, 1);
    }

    @Override
    public List<ParameterSpec> parameters() {
        return Stream.concat(convolutions.stream(), Stream.of(last))
                .flatMap(layer -> layer.parameters().stream())
                .toList();
    }

    /** Images (B, C, H, W) to (B, 1, h, w). */
    public <T> T apply(Ops<T> ops, T image) {
        T x = image;
        for (Convolution convolution : convolutions) {
            x = ops.leakyRelu(convolution.apply(ops, x), ImageDiscriminator.SLOPE);
        }
        return last.apply(ops, x);
    }
}
