package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Vectors to images, the mirror of {@link ImageEncoder}: dense layers, then transposed convolutions. */
public final class ImageDecoder implements Network {
    private static final double RECTIFIED = Math.sqrt(2);

    private final Planes smallest;
    private final List<Linear> dense = new ArrayList<>();
    private final List<DoublingConvolution> convolutions = new ArrayList<>();

    /**
     * A decoder.
     *
     * @param name prefix of its parameters
     * @param inputs width of the vector
     * @param hidden widths of the encoder's dense layers, used in reverse
     * @param features channels of the encoder's convolutions, used in reverse
     * @param image what comes out, with no activation after it
     */
    public ImageDecoder(String name, int inputs, List<Integer> hidden, List<Integer> features, Planes image) {
        Planes planes = image;
        for (int out : features) {
            planes = planes.halved(out);
        }
        smallest = planes;
        int width = inputs;
        for (int i = hidden.size() - 1; i >= 0; i--) {
            dense.add(new Linear(name + ".dense" + dense.size(), width, hidden.get(i), RECTIFIED / Math.sqrt(width)));
            width = hidden.get(i);
        }
        // The last layer of all is followed by no rectifier.
        double gain = features.isEmpty() ? 1 : RECTIFIED;
        dense.add(new Linear(name + ".dense" + dense.size(), width, smallest.values(), gain / Math.sqrt(width)));
        for (int i = features.size() - 1; i >= 0; i--) {
            int out = i == 0 ? image.channels() : features.get(i - 1);
            convolutions.add(new DoublingConvolution(
                    name + ".convolution" + convolutions.size(), features.get(i), out, i == 0 ? 1 : RECTIFIED));
        }
    }

    @Override
    public List<ParameterSpec> parameters() {
        return Stream.concat(dense.stream(), convolutions.stream())
                .flatMap(layer -> layer.parameters().stream())
                .toList();
    }

    /** (B, inputs) to (B, C, H, W). */
    public <T> T apply(Ops<T> ops, T vector) {
        T x = dense.get(0).apply(ops, vector);
        for (Linear layer : dense.subList(1, dense.size())) {
            x = layer.apply(ops, ops.gelu(x));
        }
        x = ops.reshape(x, -1, smallest.channels(), smallest.height(), smallest.width());
        for (DoublingConvolution convolution : convolutions) {
            x = convolution.apply(ops, ops.gelu(x));
        }
        return x;
    }
}
