package io.scanline.trainer.models;

import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.LatentSpace;
import io.scanline.trainer.nn.ImageDecoder;
import io.scanline.trainer.nn.ImageEncoder;
import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Autoencoder (Hinton and Salakhutdinov 2006, "Reducing the dimensionality of data with neural networks", Science 313):
 * an encoder f through a bottleneck of {@code code} numbers and a decoder g that minimise the squared error
 *
 * <pre>  mean |x - g(f(x))|^2</pre>
 *
 * <p>With {@code linear}, f and g are one affine map each. The minimum is then the projection onto the subspace of the
 * leading principal components, and every other critical point is a saddle (Baldi and Hornik 1989, "Neural networks and
 * principal component analysis: learning from examples without local minima", Neural Networks 2, Fact 4): training must
 * find PCA's error and PCA's subspace, though not PCA's axes in it.
 *
 * <p>Deviations from the paper:
 * <ul>
 *   <li>No layer-wise pretraining by restricted Boltzmann machines: initial weights of the right scale and Adam make it
 *       unnecessary. GELU instead of logistic units in the hidden layers; convolutions where a recipe has features.
 *   <li>Squared error throughout; the paper fine-tunes digits on cross-entropy and reports the squared error.
 * </ul>
 */
public final class Autoencoder implements LatentNetwork {
    /**
     * Hyper-parameters.
     *
     * @param code D, numbers of the bottleneck
     * @param features channels of convolutions that halve the edges; none: dense layers only
     * @param hidden widths of the dense layers before the bottleneck; the decoder mirrors them
     * @param linear one affine map each way; features and hidden are empty
     */
    public record Config(int code, List<Integer> features, List<Integer> hidden, boolean linear)
            implements ModelConfig {
        @Override
        public void check() {
            ModelConfig.require(code >= 1 && code <= 65536, "a code of 1 to 65536 numbers, not " + code);
            ModelConfig.requireWidths(features, "features");
            ModelConfig.requireWidths(hidden, "hidden");
            ModelConfig.require(
                    !linear || features.isEmpty() && hidden.isEmpty(), "no features and no hidden layers if linear");
        }

        @Override
        public Autoencoder network(ImageShape shape) {
            return new Autoencoder(shape, this);
        }
    }

    private final ImageShape shape;
    private final Config config;
    private final ImageEncoder encoder;
    private final ImageDecoder decoder;

    /** A model of images of this shape. */
    public Autoencoder(ImageShape shape, Config config) {
        this.shape = shape;
        this.config = config;
        this.encoder = new ImageEncoder("encoder", planes(), config.features(), config.hidden(), config.code());
        this.decoder = new ImageDecoder("decoder", config.code(), config.hidden(), config.features(), planes());
    }

    @Override
    public ImageShape shape() {
        return shape;
    }

    @Override
    public LatentSpace latent() {
        return LatentSpace.newBuilder()
                .setKind(LatentKind.LATENT_KIND_VECTOR)
                .addShape(config.code())
                .build();
    }

    @Override
    public List<ParameterSpec> parameters() {
        return Stream.concat(encoder.parameters().stream(), decoder.parameters().stream()).toList();
    }

    @Override
    public <T> Map<String, T> encode(Ops<T> ops, T image) {
        return Map.of("latent", encoder.apply(ops, image));
    }

    @Override
    public <T> Map<String, T> decode(Ops<T> ops, T latent) {
        T decoded = decoder.apply(ops, latent);
        return Map.of("image", config.linear() ? decoded : ops.sigmoid(decoded));
    }
}
