package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Images to vectors: convolutions that halve the edges, then dense layers, with GELU after all but the last. */
public final class ImageEncoder implements Network {
    /** Gain that keeps the variance of what a rectifier halves (He et al. 2015). */
    private static final double RECTIFIED = Math.sqrt(2);

    private final int flat;
    private final List<Convolution> convolutions = new ArrayList<>();
    private final List<Linear> dense = new ArrayList<>();

    /**
     * An encoder.
     *
     * @param name prefix of its parameters
     * @param features channels after every convolution; none: dense layers only
     * @param hidden widths of the dense layers before the last
     * @param outputs width of the vector
     * @throws IllegalArgumentException when an edge cannot be halved so often
     */
    public ImageEncoder(
            String name, Planes image, List<Integer> features, List<Integer> hidden, int outputs) {
        Planes planes = image;
        for (int out : features) {
            String layer = name + ".convolution" + convolutions.size();
            convolutions.add(Convolution.halving(layer, planes.channels(), out, RECTIFIED));
            planes = planes.halved(out);
        }
        flat = planes.values();
        int width = flat;
        for (int out : hidden) {
            dense.add(new Linear(name + ".dense" + dense.size(), width, out, RECTIFIED / Math.sqrt(width)));
            width = out;
        }
        dense.add(new Linear(name + ".last", width, outputs, 1 / Math.sqrt(width)));
    }

    @Override
    public List<ParameterSpec> parameters() {
        return Stream.concat(convolutions.stream(), dense.stream())
                .flatMap(layer -> layer.parameters().stream())
                .toList();
    }

    /** (B, C, H, W) to (B, outputs). */
    public <T> T apply(Ops<T> ops, T image) {
        T x = image;
        for (Convolution convolution : convolutions) {
            x = ops.gelu(convolution.apply(ops, x));
        }
        x = ops.reshape(x, -1, flat);
        for (Linear layer : dense.subList(0, dense.size() - 1)) {
            x = ops.gelu(layer.apply(ops, x));
        }
        return dense.get(dense.size() - 1).apply(ops, x);
    }
}
