package io.scanline.trainer.training;

import static org.bytedeco.pytorch.global.torch.grad;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.VectorQuantisedGan;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import io.scanline.trainer.training.QuantisedError.Reconstructed;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Reconstructions from codes against a discriminator of patches (Esser et al. 2021, Eq. 6 and 7). What validation measures
 * is the autoencoder's own loss, as without an opponent and without features.
 *
 * @param network the autoencoder, and its opponent
 * @param reconstruction what the autoencoder lowers without both
 * @param features the distance that the recipe adds to the error, if it does
 */
record QuantisedGame(
        VectorQuantisedGan network, QuantisedError reconstruction, Optional<FeatureDistance> features)
        implements Objective {
    private static final double DELTA = 1e-4;
    private static final double LARGEST = 1e4;

    QuantisedGame {
        if (network.perception().isPresent() != features.isPresent()) {
            throw new IllegalArgumentException(
                    "the features of a VQ-GAN are there if, and only if, its recipe names them");
        }
    }

    QuantisedGame(VectorQuantisedGan network, Optional<FeatureDistance> features) {
        this(network, new QuantisedError(network.autoencoder()), features);
    }

    @Override
    public List<Player> players() {
        return List.of(
                new Player(
                        "discriminator",
                        network.opponent().parameters(),
                        network.adversary().opponentRate(),
                        network.adversary().start(),
                        this::discriminatorLoss),
                new Player("autoencoder", network.parameters(), this::autoencoderLoss));
    }

    private Tensor discriminatorLoss(TorchOps ops, ImageSet images, Precision precision, long noise, int step) {
        Tensor decoded;
        try (NoGradGuard noGradients = new NoGradGuard()) {
            decoded = reconstruction.reconstruct(ops, images, precision).decoded();
        }
        return Game.HINGE.discriminator(
                logits(ops, Intensities.of(images), precision), logits(ops, decoded, precision));
    }

    private Tensor autoencoderLoss(TorchOps ops, ImageSet images, Precision precision, long noise, int step) {
        Reconstructed own = reconstruction.reconstruct(ops, images, precision);
        if (features.isPresent()) {
            own = own.plus(features.get()
                    .between(Intensities.of(images), own.decoded(), precision)
                    .mul(new Scalar(network.perception().orElseThrow().weight())));
        }
        if (step < network.adversary().start()) {
            return own.loss();
        }
        Tensor patches = logits(ops, own.decoded(), precision);
        Tensor game = Game.HINGE.generator(patches, patches); // which looks at generated images only
        Tensor last = ops.parameter(network.autoencoder().lastLayer());
        Tensor weight = balance(own.error(), game, last).mul(new Scalar(network.adversary().weight()));
        return own.loss().add(game.mul(weight));
    }

    /**
     * lambda of Eq. 7, a number without gradients: by how much one loss moves a tensor more than another does.
     *
     * @param last the tensor; both losses depend on it
     */
    static Tensor balance(Tensor error, Tensor game, Tensor last) {
        return length(error, last)
                .div(length(game, last).add(new Scalar(DELTA)))
                .clamp_max(new Scalar(LARGEST))
                .detach();
    }

    private static Tensor length(Tensor loss, Tensor last) {
        return grad(
                        new TensorVector(loss),
                        new TensorVector(last),
                        new TensorVector(),
                        new BoolOptional(true), // the graph is needed once more
                        false,
                        false)
                .get(0)
                .norm();
    }

    private Tensor logits(TorchOps ops, Tensor images, Precision precision) {
        try (Precision.Scope scope = precision.enter()) {
            return network.opponent().apply(ops, Intensities.visible(images)).to(ScalarType.Float);
        }
    }

    @Override
    public Tensor loss(TorchOps ops, ImageSet images, Precision precision, long noise) {
        return reconstruction.loss(ops, images, precision, noise);
    }

    @Override
    public boolean likelihood() {
        return false;
    }

    @Override
    public void afterStep(Parameters weights, long noise) {
        reconstruction.afterStep(weights, noise);
    }
}
