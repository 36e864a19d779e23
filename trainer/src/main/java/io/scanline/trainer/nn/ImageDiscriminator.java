package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Images to one number each: how real they look. Convolutions that halve the edges with residual blocks between, a dense
 * layer of features phi, and
 *
 * <pre>  D(x, y) = w phi(x) + b + e_y phi(x) / sqrt(width)</pre>
 *
 * with a learned vector e_y for every class: the projection of Miyato and Koyama 2018 ("cGANs with projection
 * discriminator", arXiv 1802.05637, Eq. 3). No normalisation layers.
 */
public final class ImageDiscriminator implements Network {
    /** Slope of rectifiers for negative numbers. */
    public static final float SLOPE = 0.2f;

    private static final double RECTIFIED = Math.sqrt(2);

    private final int flat;
    private final int width;
    private final int classes;
    private final String table;
    private final List<Convolution> convolutions = new ArrayList<>();
    private final List<List<ResidualBlock>> blocks = new ArrayList<>();
    private final Linear dense;
    private final Linear last;

    /**
     * A discriminator.
     *
     * @param name prefix of its parameters
     * @param features channels after every halving convolution
     * @param residual blocks after each of them
     * @param width of phi
     * @param classes that images belong to; 0: it does not look at classes
     * @throws IllegalArgumentException when an edge cannot be halved so often
     */
    public ImageDiscriminator(
            String name, Planes image, List<Integer> features, int residual, int width, int classes) {
        Planes planes = image;
        for (int out : features) {
            String layer = name + ".convolution" + convolutions.size();
            convolutions.add(Convolution.halving(layer, planes.channels(), out, RECTIFIED));
            blocks.add(IntStream.range(0, residual)
                    .mapToObj(i -> new ResidualBlock(layer + ".block" + i, out, out))
                    .toList());
            planes = planes.halved(out);
        }
        this.flat = planes.values();
        this.width = width;
        this.classes = classes;
        this.table = name + ".classes";
        this.dense = new Linear(name + ".dense", flat, width, RECTIFIED / Math.sqrt(flat));
        this.last = new Linear(name + ".last", width, 1, 1 / Math.sqrt(width));
    }

    @Override
    public List<ParameterSpec> parameters() {
        Stream<Network> layers = Stream.of(
                        convolutions.stream(), blocks.stream().flatMap(List::stream), Stream.of(dense, last))
                .flatMap(part -> part);
        return Stream.concat(
                        layers.flatMap(layer -> layer.parameters().stream()),
                        classes == 0
                                ? Stream.<ParameterSpec>empty()
                                : Stream.of(ParameterSpec.normal(table, 1, false, classes, width)))
                .toList();
    }

    /** Images (B, C, H, W) and, if it looks at classes, int64 (B), to (B, 1). */
    public <T> T apply(Ops<T> ops, T image, Optional<T> label) {
        T x = image;
        for (int i = 0; i < convolutions.size(); i++) {
            x = ops.leakyRelu(convolutions.get(i).apply(ops, x), SLOPE);
            for (ResidualBlock block : blocks.get(i)) {
                x = block.apply(ops, x);
            }
        }
        T phi = ops.leakyRelu(dense.apply(ops, ops.reshape(x, -1, flat)), SLOPE);
        T real = last.apply(ops, phi);
        return classes == 0 ? real : ops.add(real, projection(ops, phi, label.orElseThrow()));
    }

    /** e_y phi / sqrt(width): (B, 1). */
    private <T> T projection(Ops<T> ops, T phi, T label) {
        float[] shares = new float[width];
        Arrays.fill(shares, (float) (1 / Math.sqrt(width)));
        T products = ops.multiply(phi, ops.embed(ops.parameter(table), label));
        return ops.matmul(products, ops.constant(shares, width, 1));
    }
}
