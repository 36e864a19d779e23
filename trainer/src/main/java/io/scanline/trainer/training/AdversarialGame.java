package io.scanline.trainer.training;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.GenerativeAdversarialNetwork;
import io.scanline.trainer.models.GenerativeAdversarialNetwork.Augment;
import io.scanline.trainer.models.GenerativeAdversarialNetwork.Penalty;
import io.scanline.trainer.ops.ParameterSpec;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A generator against a discriminator, a turn of each at every step. What validation measures is the generator's loss on
 * images that the discriminator has not learned from, without augmentation: where it falls while that of the training
 * rises, the discriminator knows its training images by heart.
 *
 * @param network the generator, and its opponent
 * @param game that they play
 * @param augmentation of all that the discriminator sees
 * @param spectral norms of the discriminator's weights, if it has them
 */
record AdversarialGame(
        GenerativeAdversarialNetwork network, Game game, DifferentiableAugmentation augmentation, Optional<SpectralNorm> spectral)
        implements Objective {
    private static final Penalty NO_PENALTY = new Penalty(0, 0, 1);

    /** The game that the network's recipe asks for. */
    static AdversarialGame of(GenerativeAdversarialNetwork network) {
        Augment augment = network.config().augment();
        return new AdversarialGame(
                network,
                Game.named(network.config().game()),
                augment == null ? DifferentiableAugmentation.NONE : new DifferentiableAugmentation(augment.kinds(), augment.probability()),
                network.config().spectralNorm()
                        ? Optional.of(new SpectralNorm(network.opponent().parameters()))
                        : Optional.empty());
    }

    @Override
    public List<Player> players() {
        List<ParameterSpec> weights = Stream.concat(
                        network.opponent().parameters().stream(),
                        spectral.stream().flatMap(norm -> norm.vectors().stream()))
                .toList();
        return List.of(
                new Player("discriminator", weights, network.config().opponentRate(), 0, this::discriminatorLoss),
                new Player("generator", network.parameters(), this::generatorLoss));
    }

    /** What is drawn at a turn; different for both players. */
    private record Seeds(long latent, long real, long fake) {
        static Seeds of(long noise, int player) {
            SplittableRandom random = new SplittableRandom(2 * noise + player);
            return new Seeds(random.nextLong(), random.nextLong(), random.nextLong());
        }
    }

    private Tensor discriminatorLoss(TorchOps ops, ImageSet images, Precision precision, long noise, int step) {
        Seeds seeds = Seeds.of(noise, 0);
        Optional<Tensor> label = label(images);
        Tensor both; // real images, then as many generated ones
        try (NoGradGuard noGradients = new NoGradGuard()) {
            Tensor real = augmentation.apply(Intensities.visible(Intensities.of(images)), seeds.real());
            Tensor fake = augmentation.apply(drawn(ops, images.size(), label, precision, seeds), seeds.fake());
            both = torch.cat(new TensorVector(real, fake), 0);
        }
        Penalty penalty = network.config().penalty() == null ? NO_PENALTY : network.config().penalty();
        boolean penalised = step % penalty.every() == 0 && penalty.real() + penalty.fake() > 0;
        both.set_requires_grad(penalised);
        Tensor logits = logits(ops, both, label.map(one -> torch.cat(new TensorVector(one, one), 0)), precision);
        int half = images.size();
        Tensor loss = game.discriminator(logits.narrow(0, 0, half), logits.narrow(0, half, half));
        if (!penalised) {
            return loss;
        }
        Tensor squares = GradientPenalty.halfSquares(logits, both);
        Tensor real = squares.narrow(0, 0, half).mean().mul(new Scalar(penalty.real()));
        Tensor fake = squares.narrow(0, half, half).mean().mul(new Scalar(penalty.fake()));
        return loss.add(real.add(fake).mul(new Scalar((double) penalty.every())));
    }

    private Tensor generatorLoss(TorchOps ops, ImageSet images, Precision precision, long noise, int step) {
        return generatorLoss(ops, images, precision, Seeds.of(noise, 1), augmentation);
    }

    @Override
    public Tensor loss(TorchOps ops, ImageSet images, Precision precision, long noise) {
        return generatorLoss(ops, images, precision, Seeds.of(noise, 1), DifferentiableAugmentation.NONE);
    }

    private Tensor generatorLoss(
            TorchOps ops, ImageSet images, Precision precision, Seeds seeds, DifferentiableAugmentation seen) {
        Optional<Tensor> label = label(images);
        Tensor fake = seen.apply(drawn(ops, images.size(), label, precision, seeds), seeds.fake());
        Tensor fakeLogits = logits(ops, fake, label, precision);
        Tensor real = seen.apply(Intensities.visible(Intensities.of(images)), seeds.real());
        Tensor realLogits = logits(ops, real, label, precision);
        return game.generator(realLogits, fakeLogits);
    }

    /** Log-odds that images are real, (B). */
    private Tensor logits(TorchOps ops, Tensor images, Optional<Tensor> label, Precision precision) {
        TorchOps used = spectral.map(norm -> new TorchOps(norm.normalised(ops.parameters()))).orElse(ops);
        try (Precision.Scope scope = precision.enter()) {
            return network.opponent().apply(used, images, label).to(ScalarType.Float).reshape(-1);
        }
    }

    /** Generated images as the discriminator is shown them. */
    private Tensor drawn(TorchOps ops, int count, Optional<Tensor> label, Precision precision, Seeds seeds) {
        Tensor latent = Noise.normal(seeds.latent(), count, network.latentSize());
        try (Precision.Scope scope = precision.enter()) {
            return Intensities.visible(network.draw(ops, latent, label).to(ScalarType.Float));
        }
    }

    private Optional<Tensor> label(ImageSet images) {
        return network.shape().hasClasses()
                ? Optional.of(torch.tensor(Arrays.stream(images.labels()).asLongStream().toArray()))
                : Optional.empty();
    }

    @Override
    public boolean likelihood() {
        return false;
    }

    @Override
    public void afterStep(Parameters weights, long noise) {
        spectral.ifPresent(norm -> norm.improve(weights));
    }
}
