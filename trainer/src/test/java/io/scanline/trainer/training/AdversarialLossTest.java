package io.scanline.trainer.training;

import static io.scanline.trainer.ops.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scanline.trainer.nn.ImageDiscriminator;
import io.scanline.trainer.nn.Planes;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.ParameterSpec;
import io.scanline.trainer.ops.TorchNumbers;
import io.scanline.trainer.ops.TorchOps;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The arithmetic of adversarial games against closed forms. */
class AdversarialLossTest {
    private static final double REAL = 0.7;
    private static final double FAKE = -0.4;

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    private static double sigma(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double discriminator(Game game) {
        return game.discriminator(one(REAL), one(FAKE)).item_double();
    }

    private static double generator(Game game) {
        return game.generator(one(REAL), one(FAKE)).item_double();
    }

    private static Tensor one(double logit) {
        return torch.tensor((float) logit).reshape(1);
    }

    @Test
    void gamesAreThoseOfTheirPapers() {
        double value = Math.log(sigma(REAL)) + Math.log(1 - sigma(FAKE)); // Goodfellow et al., Eq. 1
        assertThat(discriminator(Game.MINIMAX)).isCloseTo(-value, within(1e-6));
        assertThat(generator(Game.MINIMAX)).isCloseTo(Math.log(1 - sigma(FAKE)), within(1e-6));
        assertThat(discriminator(Game.NON_SATURATING)).isCloseTo(-value, within(1e-6));
        assertThat(generator(Game.NON_SATURATING)).isCloseTo(-Math.log(sigma(FAKE)), within(1e-6));
        assertThat(discriminator(Game.RELATIVISTIC)).isCloseTo(-Math.log(sigma(REAL - FAKE)), within(1e-6));
        assertThat(generator(Game.RELATIVISTIC)).isCloseTo(-Math.log(sigma(FAKE - REAL)), within(1e-6));
        assertThat(discriminator(Game.HINGE)).isCloseTo(1 - REAL + 1 + FAKE, within(1e-6));
        assertThat(generator(Game.HINGE)).isCloseTo(-FAKE, within(1e-6));
    }

    @Test
    void relativisticGameComparesPairs() {
        Tensor real = torch.tensor(new float[] {1, 5});
        Tensor shifted = torch.tensor(new float[] {0, 4}); // each 1 below its own partner
        Tensor crossed = torch.tensor(new float[] {4, 0}); // the same numbers, other pairs
        double pairs = Game.RELATIVISTIC.discriminator(real, shifted).item_double();
        assertThat(pairs).isCloseTo(Math.log1p(Math.exp(-1)), within(1e-6));
        assertThat(Game.RELATIVISTIC.discriminator(real, crossed).item_double())
                .isCloseTo((Math.log1p(Math.exp(3)) + Math.log1p(Math.exp(-5))) / 2, within(1e-6));
        assertThat(Game.NON_SATURATING.discriminator(real, shifted).item_double())
                .isEqualTo(Game.NON_SATURATING.discriminator(real, crossed).item_double());
    }

    @ParameterizedTest
    @EnumSource
    void playersPullApart(Game game) {
        Tensor real = one(REAL).set_requires_grad(true);
        Tensor fake = one(FAKE).set_requires_grad(true);
        game.discriminator(real, fake).backward();
        assertThat(real.grad().item_double()).isNegative();
        assertThat(fake.grad().item_double()).isPositive();
        Tensor made = one(FAKE).set_requires_grad(true);
        game.generator(one(REAL), made).backward();
        assertThat(made.grad().item_double()).isNegative();
    }

    @Test
    void penaltyOfALinearDiscriminatorIsTheSquareOfItsWeights() {
        Tensor weight = torch.tensor(new float[] {1, -2, 0.5f}).reshape(3, 1).set_requires_grad(true);
        Tensor images = Noise.normal(3, 4, 3).set_requires_grad(true);
        Tensor penalty = GradientPenalty.halfSquares(images.matmul(weight).reshape(-1), images);
        assertThat(TorchNumbers.of(penalty)).containsOnly(5.25f / 2);
        penalty.sum().backward();
        assertClose(TorchNumbers.of(weight.grad()), new float[] {4, -8, 2}); // 4 images, each has gradient w
    }

    /** d/dw of 1/2 |grad d|^2 by finite differences: the penalty is differentiated through the gradient. */
    @Test
    void penaltyOfANetworkHasTheRightGradient() {
        ImageDiscriminator network = new ImageDiscriminator("d", new Planes(2, 8, 8), List.of(4, 6), 1, 5, 3);
        Parameters parameters = Parameters.initial(network.parameters(), 1).withGradients();
        Tensor weight = parameters.tensors().get("d.dense.weight");
        penalty(network, parameters).backward();
        Tensor gradient = weight.grad().clone();
        Tensor direction = gradient.div(gradient.norm());
        double step = 1e-2;
        double ahead = moved(network, parameters, weight, direction, step);
        double behind = moved(network, parameters, weight, direction, -2 * step);
        assertThat((ahead - behind) / (2 * step)).isCloseTo(gradient.norm().item_double(), within(2e-2));
    }

    private static double moved(
            ImageDiscriminator network, Parameters parameters, Tensor weight, Tensor direction, double distance) {
        try (NoGradGuard noGradients = new NoGradGuard()) {
            weight.add_(direction.mul(new Scalar(distance)));
        }
        return penalty(network, parameters).item_double();
    }

    private static Tensor penalty(ImageDiscriminator network, Parameters parameters) {
        Tensor images = Noise.normal(5, 3, 2, 8, 8).set_requires_grad(true);
        Optional<Tensor> label = Optional.of(torch.tensor(new long[] {0, 2, 1}));
        Tensor logits = network.apply(new TorchOps(parameters.tensors()), images, label).reshape(-1);
        return GradientPenalty.halfSquares(logits, images).mean();
    }

    @Test
    void classOfAnImageChangesItsLogOddsByAProjection() {
        ImageDiscriminator network = new ImageDiscriminator("d", new Planes(1, 4, 4), List.of(3), 0, 4, 2);
        Parameters parameters = Parameters.initial(network.parameters(), 2);
        parameters.tensors().get("d.classes").select(0, 1).zero_();
        Tensor images = Noise.normal(5, 2, 1, 4, 4);
        Tensor plain = network.apply(
                new TorchOps(parameters.tensors()), images, Optional.of(torch.tensor(new long[] {1, 1})));
        Tensor mixed = network.apply(
                new TorchOps(parameters.tensors()), images, Optional.of(torch.tensor(new long[] {0, 1})));
        float[] without = TorchNumbers.of(plain);
        float[] with = TorchNumbers.of(mixed);
        assertThat(with[0]).isNotEqualTo(without[0]);
        assertThat(with[1]).isEqualTo(without[1]);
    }

    @Test
    void spectralNormApproachesTheLargestSingularValue() {
        ParameterSpec spec = ParameterSpec.normal("w", 1, true, 6, 2, 3, 3);
        SpectralNorm norm = new SpectralNorm(List.of(spec, ParameterSpec.constant("b", 1, 6)));
        List<ParameterSpec> all = List.of(spec, norm.vectors().get(0));
        Parameters parameters = Parameters.initial(all, 4);
        for (int step = 0; step < 100; step++) {
            norm.improve(parameters);
        }
        Tensor weight = parameters.tensors().get("w");
        double largest = torch.linalg_svdvals(weight.reshape(6, -1)).select(0, 0).item_double();
        Tensor normalised = norm.normalised(parameters.tensors()).get("w");
        assertClose(TorchNumbers.of(normalised.mul(new Scalar(largest))), TorchNumbers.of(weight));
        assertThat(norm.vectors()).singleElement().satisfies(vector -> assertThat(vector.descends()).isFalse());
    }

    @Test
    void augmentationIsDifferentiableAndLeavesNothingWhereItCuts() {
        DifferentiableAugmentation augmentation = new DifferentiableAugmentation(List.of("translation", "cutout", "colour"), 1);
        Tensor images = torch.rand(8, 4, 12, 12).set_requires_grad(true);
        Tensor seen = augmentation.apply(images, 7);
        seen.square().sum().backward();
        assertThat(images.grad().abs().sum().item_double()).isPositive().isFinite();
        float[] alpha = TorchNumbers.of(augmentation.apply(images, 7).narrow(1, 3, 1));
        long empty = IntStream.range(0, alpha.length).filter(i -> alpha[i] == 0).count();
        assertThat(empty / (double) alpha.length).isBetween(0.15, 0.6);
        // Alpha has no colour: what is left of it are its own values.
        Set<Float> own = new HashSet<>();
        for (float value : TorchNumbers.of(images.narrow(1, 3, 1))) {
            own.add(value);
        }
        own.add(0f);
        for (float value : alpha) {
            assertThat(own).contains(value);
        }
    }

    @Test
    void augmentationIsAFunctionOfItsSeedAndDoesNothingAtProbabilityZero() {
        Tensor images = torch.rand(20, 1, 8, 8);
        DifferentiableAugmentation often = new DifferentiableAugmentation(List.of("translation", "cutout"), 0.4);
        assertThat(TorchNumbers.of(often.apply(images, 3))).isEqualTo(TorchNumbers.of(often.apply(images, 3)));
        assertThat(TorchNumbers.of(often.apply(images, 3))).isNotEqualTo(TorchNumbers.of(often.apply(images, 4)));
        DifferentiableAugmentation never = new DifferentiableAugmentation(List.of("translation", "cutout", "colour"), 0);
        assertClose(TorchNumbers.of(never.apply(images, 3)), TorchNumbers.of(images));
    }

    @Test
    void augmentationHappensAsOftenAsItSays() {
        Tensor images = torch.ones(4000, 1, 8, 8);
        float[] seen = TorchNumbers.of(new DifferentiableAugmentation(List.of("cutout"), 0.3).apply(images, 5).sum(1));
        int cut = 0;
        for (int n = 0; n < 4000; n++) {
            int first = n * 64;
            cut += IntStream.range(first, first + 64).anyMatch(i -> seen[i] == 0) ? 1 : 0;
        }
        assertThat(cut / 4000.0).isCloseTo(0.3, within(0.03));
    }

    @Test
    void whatIsTransparentIsNotSeen() {
        Tensor pixels = torch.tensor(new float[] {0.8f, 0.4f, 0.2f, 0.5f, 0.9f, 0.9f, 0.9f, 0}).reshape(2, 4, 1, 1);
        assertClose(
                TorchNumbers.of(Intensities.visible(pixels)), new float[] {0.4f, 0.2f, 0.1f, 0.5f, 0, 0, 0, 0});
        Tensor opaque = torch.rand(2, 3, 2, 2);
        assertThat(TorchNumbers.of(Intensities.visible(opaque))).isEqualTo(TorchNumbers.of(opaque));
    }
}
