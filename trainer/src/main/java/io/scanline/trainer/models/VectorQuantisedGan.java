package io.scanline.trainer.models;

import io.scanline.bundle.v1.LatentSpace;
import io.scanline.trainer.models.ModelConfig.Needed;
import io.scanline.trainer.models.VectorQuantisedAutoencoder.Codebook;
import io.scanline.trainer.nn.PatchDiscriminator;
import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * VQ-GAN (Esser, Rombach and Ommer 2021, "Taming transformers for high-resolution image synthesis", arXiv 2012.09841): a
 * vector-quantised autoencoder whose decoder also plays against a discriminator of patches, so that what codes do not tell is
 * made up sharp and not averaged away:
 *
 * <pre>
 *   L_rec = |x - G(x)|^2 / variance + weight d(x, G(x)),   d of the features of a classifier
 *   min_(E, G, Z) max_D  E[ L_VQ + lambda L_GAN ]                                               (Eq. 6)
 *   lambda = |grad_L L_rec| / (|grad_L L_GAN| + delta),   L the last layer of the decoder      (Eq. 7)
 * </pre>
 *
 * D begins when reconstructions are about right. Its loss is the hinge of the authors' code, and lambda is at most 10^4 and
 * multiplied by a constant, as there. Encoder, decoder and codes are those of {@link VectorQuantisedAutoencoder} with the same
 * settings: their bundles, and priors over their codes, are alike.
 *
 * <p>Deviations from the paper:
 * <ul>
 *   <li>The perceptual distance d is by features of a classifier of the same data, which this trainer makes, where the
 *       paper has LPIPS by a network that is not ours to distribute; a recipe may do without. The error is squared, not
 *       absolute.
 *   <li>D has no batch normalisation, and sees colours times alpha where pictures have transparency.
 *   <li>No attention layers: images of a recipe's size have few places.
 *   <li>With several workers each has the lambda of its own images.
 * </ul>
 */
public final class VectorQuantisedGan implements LatentNetwork {
    /**
     * The opponent.
     *
     * @param features channels of its convolutions that halve the edges
     * @param start steps before it begins
     * @param weight that lambda is multiplied by; the authors' code has 0.8
     * @param opponentRate its learning rate over that of the autoencoder
     */
    public record Adversary(List<Integer> features, int start, double weight, double opponentRate) {
        private void check() {
            ModelConfig.requireWidths(features, "adversary.features");
            ModelConfig.require(!features.isEmpty() && start >= 0, "adversary.features, and a start of 0 or more");
            ModelConfig.require(weight > 0 && opponentRate > 0, "adversary.weight and opponentRate above 0");
        }
    }

    /**
     * The features that images are compared by, beside their intensities.
     *
     * @param bundle NAME/VERSION of the classifier or CLIP that has them
     * @param digest SHA-256 of that bundle's description, 64 lower-case hexadecimal digits; absent: any will do, and
     *     that of the one that a training starts with is written into the run's own recipe
     * @param weight of the distance of features, beside the squared error over the variance
     */
    public record Perception(String bundle, String digest, double weight) {
        private void check() {
            needed().check("perception");
            ModelConfig.require(weight > 0, "a perception.weight above 0");
        }

        private Needed needed() {
            return new Needed(bundle, digest);
        }
    }

    /**
     * Hyper-parameters: those of {@link VectorQuantisedAutoencoder.Config}, of the features that images are compared
     * by, which may be absent, and of the opponent.
     */
    public record Config(
            List<Integer> features,
            int blocks,
            int hidden,
            double variance,
            Codebook codebook,
            List<Integer> scalars,
            Perception perception,
            Adversary adversary)
            implements ModelConfig {
        @Override
        public void check() {
            autoencoder().check();
            ModelConfig.require(adversary != null, "an adversary");
            adversary.check();
            if (perception != null) {
                perception.check();
            }
        }

        @Override
        public Optional<Needed> needs() {
            return Optional.ofNullable(perception).map(Perception::needed);
        }

        private VectorQuantisedAutoencoder.Config autoencoder() {
            return new VectorQuantisedAutoencoder.Config(features, blocks, hidden, variance, codebook, scalars);
        }

        @Override
        public VectorQuantisedGan network(ImageShape shape) {
            return new VectorQuantisedGan(autoencoder().network(shape), Optional.ofNullable(perception), adversary);
        }
    }

    private final VectorQuantisedAutoencoder autoencoder;
    private final Optional<Perception> perception;
    private final Adversary adversary;
    private final PatchDiscriminator opponent;

    private VectorQuantisedGan(
            VectorQuantisedAutoencoder autoencoder, Optional<Perception> perception, Adversary adversary) {
        this.autoencoder = autoencoder;
        this.perception = perception;
        this.adversary = adversary;
        this.opponent = new PatchDiscriminator("discriminator", autoencoder.planes(), adversary.features());
    }

    @Override
    public ImageShape shape() {
        return autoencoder.shape();
    }

    /** Encoder, codes and decoder. */
    public VectorQuantisedAutoencoder autoencoder() {
        return autoencoder;
    }

    /** D, which learns beside them and is of no use after that. */
    public PatchDiscriminator opponent() {
        return opponent;
    }

    /** The features that images are compared by, if there are any. */
    public Optional<Perception> perception() {
        return perception;
    }

    /** How it plays. */
    public Adversary adversary() {
        return adversary;
    }

    @Override
    public LatentSpace latent() {
        return autoencoder.latent();
    }

    /** Those of the autoencoder. */
    @Override
    public List<ParameterSpec> parameters() {
        return autoencoder.parameters();
    }

    @Override
    public long size() {
        return autoencoder.size();
    }

    @Override
    public <T> Map<String, T> encode(Ops<T> ops, T image) {
        return autoencoder.encode(ops, image);
    }

    @Override
    public <T> Map<String, T> decode(Ops<T> ops, T tokens) {
        return autoencoder.decode(ops, tokens);
    }
}
