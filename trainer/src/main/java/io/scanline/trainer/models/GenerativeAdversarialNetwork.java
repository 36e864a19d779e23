package io.scanline.trainer.models;

import io.scanline.trainer.nn.Convolution;
import io.scanline.trainer.nn.DoublingConvolution;
import io.scanline.trainer.nn.ImageDiscriminator;
import io.scanline.trainer.nn.Linear;
import io.scanline.trainer.nn.Network;
import io.scanline.trainer.nn.Planes;
import io.scanline.trainer.nn.ResidualBlock;
import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Generative adversarial network (Goodfellow et al. 2014, "Generative adversarial nets", arXiv 1406.2661). A generator G
 * makes images of noise z ~ N(0, I), a discriminator D tells them from real ones x. With d = D's log-odds of "real", the
 * game is
 *
 * <pre>
 *   minimax          min_G max_D  E log sigma(d(x)) + E log(1 - sigma(d(G(z))))              (Eq. 1)
 *   non-saturating   D as above,  max_G  E log sigma(d(G(z)))                                (section 3)
 *   relativistic     min_G max_D  E log sigma(d(x) - d(G(z)))     (Jolicoeur-Martineau 2018, arXiv 1807.00734)
 * </pre>
 *
 * <p>The last, with zero-centred gradient penalties on real and on generated images, is R3GAN (Huang et al. 2024, "The GAN
 * is dead; long live the GAN!", arXiv 2501.05441), and needs no other trick:
 *
 * <pre>
 *   R1 = gamma / 2 E |grad_x d(x)|^2,   R2 = gamma / 2 E |grad_x d(G(z))|^2                  (Eq. 3 and 4)
 * </pre>
 *
 * <p>Options: differentiable augmentation of all that D sees (Zhao et al. 2020, "Differentiable augmentation for
 * data-efficient GAN training", arXiv 2006.10738), spectral norm of D's weights (Miyato et al. 2018, arXiv 1802.05957),
 * classes. D knows them by projection (see {@link ImageDiscriminator}): one inner product, and it is the discriminator that
 * must notice a wrong class. G is given a learned vector of the class beside z, so that its graph has no other parameters
 * that depend on the class than one table.
 *
 * <p>Deviations from the papers:
 * <ul>
 *   <li>Networks of the size that a CPU trains: transposed convolutions that double the edges with residual blocks
 *       between, no normalisation layers. R3GAN's are ResNets of grouped convolutions.
 *   <li>Penalties are taken at the images that D sees, after augmentation, and optionally at every k-th step only, k times as
 *       large (Karras et al. 2020, arXiv 1912.04958, section 3.1).
 *   <li>Each generated image is paired with a real one of the same class. R3GAN pairs whatever is there.
 *   <li>Of pictures with transparency D sees colours times alpha: what is not visible is no evidence.
 * </ul>
 */
public final class GenerativeAdversarialNetwork implements ImageGenerator {
    private static final double RECTIFIED = Math.sqrt(2);
    private static final Set<String> GAMES = Set.of("minimax", "non-saturating", "relativistic");
    private static final Set<String> AUGMENTATIONS = Set.of("translation", "cutout", "colour");

    /**
     * Gradient penalties.
     *
     * @param real gamma of R1; 0: none
     * @param fake gamma of R2; 0: none
     * @param every steps from one step with penalties to the next
     */
    public record Penalty(double real, double fake, int every) {
        private void check() {
            ModelConfig.require(real >= 0 && fake >= 0, "penalties of 0 or more");
            ModelConfig.require(every >= 1, "penalties every 1 or more steps, not " + every);
        }
    }

    /**
     * What is done to images before the discriminator sees them.
     *
     * @param kinds some of translation, cutout, colour
     * @param probability of each of them, for every image
     */
    public record Augment(List<String> kinds, double probability) {
        private void check() {
            ModelConfig.require(
                    kinds != null && AUGMENTATIONS.containsAll(kinds), "translation, cutout or colour in augment.kinds");
            ModelConfig.require(
                    probability >= 0 && probability <= 1, "an augment.probability from 0 to 1, not " + probability);
        }
    }

    /**
     * Hyper-parameters.
     *
     * @param latent numbers of z
     * @param features channels of D's convolutions that halve the edges; G mirrors them
     * @param blocks residual blocks after every one of them, in D and in G
     * @param width of D's last features
     * @param classes whether both players know of the classes of the data
     * @param embedding numbers of a class beside z; 0 without classes
     * @param game minimax, non-saturating or relativistic
     * @param penalty of D's gradient; absent: none
     * @param augment of what D sees; absent: none
     * @param spectralNorm whether D's weights are divided by their largest singular value
     * @param opponentRate learning rate of D over that of G
     */
    public record Config(
            int latent,
            List<Integer> features,
            int blocks,
            int width,
            boolean classes,
            int embedding,
            String game,
            Penalty penalty,
            Augment augment,
            boolean spectralNorm,
            double opponentRate)
            implements ModelConfig {
        @Override
        public void check() {
            ModelConfig.require(latent >= 1 && latent <= 65536, "a latent of 1 to 65536 numbers, not " + latent);
            ModelConfig.requireWidths(features, "features");
            ModelConfig.require(!features.isEmpty() && blocks >= 0 && width >= 1, "features, blocks and width");
            ModelConfig.require(classes == embedding > 0, "an embedding above 0 with classes: true, and 0 without");
            ModelConfig.require(
                    game != null && GAMES.contains(game), "minimax, non-saturating or relativistic as game, not " + game);
            ModelConfig.require(opponentRate > 0, "an opponentRate above 0, not " + opponentRate);
            if (penalty != null) {
                penalty.check();
            }
            if (augment != null) {
                augment.check();
            }
        }

        @Override
        public GenerativeAdversarialNetwork network(ImageShape shape) {
            return new GenerativeAdversarialNetwork(shape.conditional(classes), this);
        }
    }

    private final ImageShape shape;
    private final Config config;
    private final Planes smallest;
    private final Linear first;
    private final List<DoublingConvolution> up = new ArrayList<>();
    private final List<List<ResidualBlock>> blocks = new ArrayList<>();
    private final Convolution last;
    private final ImageDiscriminator opponent;

    /** A model of images of this shape. */
    public GenerativeAdversarialNetwork(ImageShape shape, Config config) {
        this.shape = shape;
        this.config = config;
        List<Integer> features = config.features();
        Planes image = new Planes(shape.channels(), shape.height(), shape.width());
        Planes planes = image;
        for (int out : features) {
            planes = planes.halved(out);
        }
        smallest = planes;
        int inputs = config.latent() + config.embedding();
        first = new Linear("generator.first", inputs, smallest.values(), RECTIFIED / Math.sqrt(inputs));
        for (int i = features.size() - 1; i >= 0; i--) {
            int channels = features.get(i);
            String level = "generator.level" + up.size();
            blocks.add(IntStream.range(0, config.blocks())
                    .mapToObj(n -> new ResidualBlock(level + ".block" + n, channels, channels))
                    .toList());
            up.add(new DoublingConvolution(level + ".up", channels, features.get(Math.max(0, i - 1)), RECTIFIED));
        }
        last = Convolution.same("generator.last", features.get(0), shape.channels(), 3, 1);
        opponent = new ImageDiscriminator(
                "discriminator", image, features, config.blocks(), config.width(), shape.classes());
    }

    @Override
    public ImageShape shape() {
        return shape;
    }

    /** What it was built from. */
    public Config config() {
        return config;
    }

    /** D, which learns beside it and is of no use after that. */
    public ImageDiscriminator opponent() {
        return opponent;
    }

    @Override
    public int latentSize() {
        return config.latent();
    }

    /** Those of G. */
    @Override
    public List<ParameterSpec> parameters() {
        Stream<Network> layers = Stream.of(
                        Stream.of(first), blocks.stream().flatMap(List::stream), up.stream(), Stream.of(last))
                .flatMap(part -> part);
        return Stream.concat(
                        layers.flatMap(layer -> layer.parameters().stream()),
                        shape.hasClasses()
                                ? Stream.of(ParameterSpec.normal(
                                        "generator.classes", 1, false, shape.classes(), config.embedding()))
                                : Stream.<ParameterSpec>empty())
                .toList();
    }

    @Override
    public <T> T draw(Ops<T> ops, T latent, Optional<T> label) {
        T z = shape.hasClasses()
                ? ops.concatenate(List.of(
                        latent, ops.embed(ops.parameter("generator.classes"), label.orElseThrow())))
                : latent;
        T x = ops.reshape(
                first.apply(ops, z), -1, smallest.channels(), smallest.height(), smallest.width());
        for (int i = 0; i < up.size(); i++) {
            for (ResidualBlock block : blocks.get(i)) {
                x = block.apply(ops, x);
            }
            x = up.get(i).apply(ops, ops.leakyRelu(x, ImageDiscriminator.SLOPE));
        }
        return ops.sigmoid(last.apply(ops, ops.leakyRelu(x, ImageDiscriminator.SLOPE)));
    }
}
