package io.scanline.trainer.models;

import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.LatentSpace;
import io.scanline.trainer.nn.Convolution;
import io.scanline.trainer.nn.DoublingConvolution;
import io.scanline.trainer.nn.FiniteScalar;
import io.scanline.trainer.nn.LatentQuantiser;
import io.scanline.trainer.nn.LatentQuantiser.Quantised;
import io.scanline.trainer.nn.NearestCode;
import io.scanline.trainer.nn.Network;
import io.scanline.trainer.nn.Planes;
import io.scanline.trainer.nn.ResidualBlock;
import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Vector-quantised autoencoder (van den Oord, Vinyals and Kavukcuoglu 2017, "Neural discrete representation learning",
 * arXiv 1711.00937): a convolutional autoencoder whose bottleneck is a grid of codes e from a finite set. It minimises
 *
 * <pre>
 *   -log p(x | z_q)  +  |sg(z_e) - e|^2  +  beta |z_e - sg(e)|^2                 (Eq. 3)
 * </pre>
 *
 * where sg stops gradients: the second term moves codes to what the encoder gives, the third, the commitment, moves the
 * encoder to its codes. The first passes through the quantiser as if it were the identity (section 3.2).
 *
 * <p>Options of the codebook: moving averages in place of the second term (Appendix A.1); restart of codes that nothing
 * is near to. The other quantiser, finite scalar quantisation (Mentzer et al. 2023, arXiv 2309.15505), has a fixed grid of
 * codes, so that the second and third term go away.
 *
 * <p>Deviations from the paper:
 * <ul>
 *   <li>-log p is the mean squared error of intensities over a fixed variance, and the other terms are means over the
 *       components of codes, where the paper sums: sizes of images and codes do not change their balance.
 *   <li>A 1x1 convolution brings the encoder's channels to a code of {@code width} numbers, another brings it back.
 *   <li>Dead codes restart beside codes that are much used: the training's CodebookAverages says how.
 * </ul>
 */
public final class VectorQuantisedAutoencoder implements LatentNetwork {
    /**
     * A learned codebook.
     *
     * @param codes K, 2 to 65536
     * @param width numbers of a code
     * @param commitment beta; the paper uses 0.25
     * @param average whether moving averages move the codebook (Appendix A.1) and not a gradient (Eq. 3)
     * @param decay gamma of the moving averages; the paper uses 0.99
     * @param restart a code whose share of all vectors is below restart / K starts anew; 0: never
     */
    public record Codebook(int codes, int width, double commitment, boolean average, double decay, double restart) {
        private void check() {
            ModelConfig.require(codes >= 2 && codes <= 65536, "2 to 65536 codes, not " + codes);
            ModelConfig.require(width >= 1, "a code width of at least 1");
            ModelConfig.require(commitment >= 0, "a commitment of 0 or more, not " + commitment);
            ModelConfig.require(restart >= 0 && restart < 1, "a restart of 0 to below 1, not " + restart);
            ModelConfig.require(decay > 0 && decay < 1, "a decay between 0 and 1, not " + decay);
        }
    }

    /**
     * Hyper-parameters; either codebook or scalars is given.
     *
     * @param features channels of the convolutions that halve the edges
     * @param blocks residual blocks at the smallest size, each side
     * @param hidden channels inside them
     * @param variance what the squared error is divided by, about the variance of intensities in the data
     * @param codebook vector quantisation
     * @param scalars finite scalar quantisation: levels of every component of a code
     */
    public record Config(
            List<Integer> features, int blocks, int hidden, double variance, Codebook codebook, List<Integer> scalars)
            implements ModelConfig {
        @Override
        public void check() {
            ModelConfig.requireWidths(features, "features");
            ModelConfig.require(
                    !features.isEmpty() && blocks >= 0 && hidden >= 1, "features, blocks and hidden channels");
            ModelConfig.require(variance > 0, "a variance above 0, not " + variance);
            ModelConfig.require((codebook == null) != (scalars == null), "either a codebook or scalars");
            if (codebook != null) {
                codebook.check();
            } else {
                ModelConfig.require(
                        !scalars.isEmpty() && scalars.stream().allMatch(level -> level != null && level >= 2),
                        "scalars of at least 2 levels each");
                double codes = scalars.stream().mapToDouble(Integer::doubleValue).reduce(1, (a, b) -> a * b);
                ModelConfig.require(codes <= 65536, "at most 65536 codes");
            }
        }

        @Override
        public VectorQuantisedAutoencoder network(ImageShape shape) {
            return new VectorQuantisedAutoencoder(shape, this);
        }

        private LatentQuantiser quantiser() {
            return codebook == null
                    ? new FiniteScalar(scalars)
                    : new NearestCode("quantiser", codebook.width(), codebook.codes(), codebook.average());
        }
    }

    private static final double RECTIFIED = Math.sqrt(2);

    private final ImageShape shape;
    private final Config config;
    private final Planes grid;
    private final LatentQuantiser quantiser;
    private final List<Convolution> down = new ArrayList<>();
    private final List<ResidualBlock> encoderBlocks;
    private final Convolution toCode;
    private final Convolution fromCode;
    private final List<ResidualBlock> decoderBlocks;
    private final List<DoublingConvolution> up = new ArrayList<>();

    /** A model of images of this shape. */
    public VectorQuantisedAutoencoder(ImageShape shape, Config config) {
        this.shape = shape;
        this.config = config;
        this.quantiser = config.quantiser();
        List<Integer> features = config.features();
        Planes planes = planes();
        for (int i = 0; i < features.size(); i++) {
            int out = features.get(i);
            down.add(Convolution.halving("encoder.convolution" + i, planes.channels(), out, RECTIFIED));
            planes = planes.halved(out);
        }
        grid = planes;
        int channels = grid.channels();
        encoderBlocks = blocks("encoder", channels);
        toCode = Convolution.same("encoder.code", channels, quantiser.width(), 1, 1);
        fromCode = Convolution.same("decoder.code", quantiser.width(), channels, 3, 1);
        decoderBlocks = blocks("decoder", channels);
        for (int i = features.size() - 1; i >= 0; i--) {
            int out = i == 0 ? shape.channels() : features.get(i - 1);
            double gain = i == 0 ? 1 : RECTIFIED;
            up.add(new DoublingConvolution("decoder.convolution" + up.size(), features.get(i), out, gain));
        }
    }

    private List<ResidualBlock> blocks(String side, int channels) {
        return IntStream.range(0, config.blocks())
                .mapToObj(i -> new ResidualBlock(side + ".block" + i, channels, config.hidden()))
                .toList();
    }

    @Override
    public ImageShape shape() {
        return shape;
    }

    /** What it was built from. */
    public Config config() {
        return config;
    }

    /** Its quantiser. */
    public LatentQuantiser quantiser() {
        return quantiser;
    }

    @Override
    public LatentSpace latent() {
        return LatentSpace.newBuilder()
                .setKind(LatentKind.LATENT_KIND_TOKENS)
                .addShape(grid.height())
                .addShape(grid.width())
                .setCodes(quantiser.codes())
                .build();
    }

    private Stream<Network> parts() {
        return Stream.<Stream<? extends Network>>of(
                        down.stream(), encoderBlocks.stream(), Stream.of(toCode, quantiser, fromCode),
                        decoderBlocks.stream(), up.stream())
                .flatMap(part -> part);
    }

    @Override
    public List<ParameterSpec> parameters() {
        return parts().flatMap(part -> part.parameters().stream()).toList();
    }

    @Override
    public long size() {
        return parts().mapToLong(Network::size).sum();
    }

    /** Name of the weights of the decoder's last layer. */
    public String lastLayer() {
        return up.get(up.size() - 1).name() + ".weight";
    }

    /** What the encoder gives before it is quantised: (B, C, H, W) to (B, h, w, d). */
    public <T> T vectors(Ops<T> ops, T image) {
        T x = image;
        for (Convolution convolution : down) {
            x = ops.relu(convolution.apply(ops, x));
        }
        for (ResidualBlock block : encoderBlocks) {
            x = block.apply(ops, x);
        }
        return ops.permute(toCode.apply(ops, ops.relu(x)), 0, 2, 3, 1);
    }

    /** Codes of images. */
    public <T> Quantised<T> quantise(Ops<T> ops, T image) {
        return quantiser.quantise(ops, vectors(ops, image));
    }

    /** The image of codes (B, h, w, d): (B, C, H, W). */
    public <T> T picture(Ops<T> ops, T codes) {
        T x = fromCode.apply(ops, ops.permute(codes, 0, 3, 1, 2));
        for (ResidualBlock block : decoderBlocks) {
            x = block.apply(ops, x);
        }
        for (DoublingConvolution convolution : up) {
            x = convolution.apply(ops, ops.relu(x));
        }
        return ops.sigmoid(x);
    }

    @Override
    public <T> Map<String, T> encode(Ops<T> ops, T image) {
        return Map.of("tokens", quantise(ops, image).tokens());
    }

    @Override
    public <T> Map<String, T> decode(Ops<T> ops, T tokens) {
        return Map.of("image", picture(ops, quantiser.lookUp(ops, tokens)));
    }
}
