package io.scanline.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.models.VisionTransformer;
import io.scanline.trainer.nn.Framing;
import io.scanline.trainer.nn.PatchEncoder;
import io.scanline.trainer.nn.Planes;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchNumbers;
import io.scanline.trainer.ops.TorchOps;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class VisionTransformerTest {
    private static final PatchEncoder.Size SIZE = new PatchEncoder.Size(2, 8, 2, 2, 16);

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    @Test
    void patchesComeRowByRowAndTheirValuesChannelByChannel() {
        PatchEncoder encoder = new PatchEncoder("x", new Planes(2, 4, 6), SIZE);
        Tensor image = torch.arange(new Scalar(48)).reshape(1, 2, 4, 6);
        Tensor patches = encoder.cut(new TorchOps(Map.of()), image);
        assertThat(patches.shape()).containsExactly(1, 6, 8);
        float[] numbers = TorchNumbers.of(patches);
        assertThat(numbers).startsWith(0, 1, 6, 7, 24, 25, 30, 31); // rows 0 and 1 of both channels
        assertThat(numbers).containsSequence(2, 3, 8, 9, 26, 27, 32, 33); // the second patch is to the right
        assertThat(Arrays.copyOfRange(numbers, 24, 28)).containsExactly(12, 13, 18, 19); // the fourth below
    }

    private static VisionTransformer network(double smoothing) {
        return new VisionTransformer(new ImageShape(4, 4, 256, 3), new VisionTransformer.Config(SIZE, smoothing));
    }

    @Test
    void logitsAreAnAffineMapOfTheFeatures() {
        VisionTransformer network = network(0);
        Parameters parameters = Parameters.initial(network.parameters(), 1);
        Map<String, float[]> answer = ReferenceVision.classify(network, parameters, images());
        float[] features = answer.get("features");
        assertThat(features).hasSize(2 * network.width());
        float[] weight = TorchNumbers.of(parameters.tensors().get("head.weight")); // (8, 3)
        for (int n = 0; n < 2; n++) {
            for (int label = 0; label < 3; label++) {
                double sum = 0; // the bias starts at 0
                for (int i = 0; i < 8; i++) {
                    sum += features[n * 8 + i] * weight[i * 3 + label];
                }
                assertThat((double) answer.get("logits")[n * 3 + label]).isCloseTo(sum, within(1e-5));
            }
        }
    }

    private static ImageSet images() {
        byte[] values = new byte[32];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (i * 37);
        }
        return new ImageSet(values, new int[] {2, 0}, 4, 4, 1, 256, List.of("a", "b", "c"));
    }

    @Test
    void everyPatchAndItsPlaceCount() {
        VisionTransformer network = network(0);
        Parameters parameters = Parameters.initial(network.parameters(), 1);
        float[] logits = ReferenceVision.classify(network, parameters, images().first(1)).get("logits");
        for (int value = 0; value < 16; value++) {
            byte[] changed = images().image(0);
            changed[value] ^= 64;
            ImageSet other = new ImageSet(changed, new int[1], 4, 4, 1, 256, List.of("a"));
            assertThat(ReferenceVision.classify(network, parameters, other).get("logits")).isNotEqualTo(logits);
        }
        byte[] swapped = images().image(0);
        for (int i = 0; i < 8; i++) { // the upper patches below the lower ones
            byte upper = swapped[i];
            swapped[i] = swapped[i + 8];
            swapped[i + 8] = upper;
        }
        ImageSet other = new ImageSet(swapped, new int[1], 4, 4, 1, 256, List.of("a"));
        assertThat(ReferenceVision.classify(network, parameters, other).get("logits")).isNotEqualTo(logits);
    }

    @Test
    void convolutionsBeforePatchesLetEveryPatchSeeItsNeighbours() {
        PatchEncoder.Size size = new PatchEncoder.Size(2, 8, 1, 2, 16, List.of(3), false, null, null);
        PatchEncoder encoder = new PatchEncoder("x", new Planes(1, 4, 4), size);
        Parameters parameters = Parameters.initial(encoder.parameters(), 1);
        assertThat(parameters.tensors().get("x.patches.weight").shape()).containsExactly(3, 8); // 2 x 2 were halved
        TorchOps ops = new TorchOps(parameters.tensors());
        float[] before = TorchNumbers.of(encoder.read(ops, torch.zeros(1, 1, 4, 4)).get(0));
        Tensor lit = torch.zeros(1, 1, 4, 4);
        lit.view(16).narrow(0, 5, 1).fill_(new Scalar(1)); // of the first patch; kernels of its neighbours see it
        float[] after = TorchNumbers.of(encoder.read(ops, lit).get(0));
        assertThat(Arrays.copyOfRange(after, 0, 8)).isEqualTo(Arrays.copyOfRange(before, 0, 8)); // the class token
        for (int patch = 1; patch <= 4; patch++) {
            assertThat(Arrays.copyOfRange(after, 8 * patch, 8 * patch + 8))
                    .isNotEqualTo(Arrays.copyOfRange(before, 8 * patch, 8 * patch + 8));
        }
    }

    @Test
    void aStemThatHalvesMoreThanAPatchIsRefused() {
        VisionTransformer.Config config =
                new VisionTransformer.Config(new PatchEncoder.Size(2, 8, 1, 2, 16, List.of(3, 3), false, null, null), 0);
        assertThatThrownBy(config::check)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("encoder.stem of at least 1 channel each, that halves no oftener than encoder.patch, 2");
    }

    private static float[] read(boolean premultiply, float red, float alpha) {
        PatchEncoder.Size size = new PatchEncoder.Size(2, 8, 1, 2, 16, List.of(3), premultiply, null, null);
        PatchEncoder encoder = new PatchEncoder("x", new Planes(4, 2, 2), size);
        Tensor image = torch.ones(1, 4, 2, 2);
        image.narrow(1, 0, 1).fill_(new Scalar(red));
        image.narrow(1, 3, 1).fill_(new Scalar(alpha));
        TorchOps ops = new TorchOps(Parameters.initial(encoder.parameters(), 1).tensors());
        return TorchNumbers.of(encoder.apply(ops, image));
    }

    @Test
    void coloursCountByAlphaWhenPremultiplied() {
        assertThat(read(true, 0.9f, 0)).isEqualTo(read(true, 0.1f, 0));
        assertThat(read(true, 0.9f, 0.5f)).isNotEqualTo(read(true, 0.1f, 0.5f));
        assertThat(read(true, 0, 0.25f)).isNotEqualTo(read(true, 0, 0.5f));
        assertThat(read(true, 0.5f, 1)).isEqualTo(read(false, 0.5f, 1));
        assertThat(read(false, 0.9f, 0)).isNotEqualTo(read(false, 0.1f, 0));
    }

    @Test
    void premultiplyingWithoutAlphaIsRefused() {
        VisionTransformer.Config config =
                new VisionTransformer.Config(new PatchEncoder.Size(2, 8, 1, 2, 16, List.of(), true, null, null), 0);
        assertThatThrownBy(() -> config.network(new ImageShape(4, 4, 256, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("premultiply with images of four channels, the last of them alpha, not of 1");
    }

    private static VisionTransformer.Config framed(
            int patch, List<Integer> stem, boolean premultiply, Framing.Frame frame, Integer gradients) {
        return new VisionTransformer.Config(
                new PatchEncoder.Size(patch, 8, 1, 2, 16, stem, premultiply, frame, gradients), 0);
    }

    @Test
    void framesAndGradientsThatCannotBeAreRefused() {
        framed(8, List.of(), true, new Framing.Frame(4, 1, 0.1), 6).check();
        List<VisionTransformer.Config> frames = List.of(
                framed(8, List.of(), false, new Framing.Frame(4, 0, 0), null),
                framed(8, List.of(), true, new Framing.Frame(0.5, 0, 0), null),
                framed(8, List.of(), true, new Framing.Frame(Double.NaN, 0, 0), null),
                framed(8, List.of(), true, new Framing.Frame(4, 9, 0), null),
                framed(8, List.of(), true, new Framing.Frame(4, 0, 0.6), null));
        for (VisionTransformer.Config config : frames) {
            assertThatThrownBy(config::check)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("encoder.frame of an extent of 1 to 16, a shift of 0 to 8 and a zoom of 0 to 0.5");
        }
        List<VisionTransformer.Config> gradients = List.of(
                framed(8, List.of(), false, null, 6),
                framed(8, List.of(3), true, null, 6),
                framed(6, List.of(), true, null, 6),
                framed(8, List.of(), true, null, 0),
                framed(8, List.of(), true, null, 65));
        for (VisionTransformer.Config config : gradients) {
            assertThatThrownBy(config::check)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("encoder.gradients of 1 to 64 directions, with premultiply, without a stem");
        }
    }

    @Test
    void aLinearMapOfAllGradientsIsInTheClassTokenAndInNoOther() {
        PatchEncoder.Size size = new PatchEncoder.Size(8, 8, 1, 2, 16, List.of(), true, null, 6);
        PatchEncoder encoder = new PatchEncoder("x", new Planes(4, 16, 16), size);
        Parameters parameters = Parameters.initial(encoder.parameters(), 1);
        assertThat(parameters.tensors().get("x.overview.weight").shape()).containsExactly(28 * 16, 8);
        TorchOps ops = new TorchOps(parameters.tensors());
        Tensor image = torch.rand(1, 4, 16, 16);
        parameters.tensors().get("x.overview.weight").fill_(new Scalar(0));
        float[] blocks = TorchNumbers.of(encoder.apply(ops, image));
        parameters.tensors().get("x.overview.bias").fill_(new Scalar(3));
        float[] both = TorchNumbers.of(encoder.apply(ops, image));
        double square = 0;
        for (int i = 0; i < 8; i++) {
            assertThat(both[i]).isCloseTo(blocks[i] + 3, within(1e-5f));
            square += blocks[i] * blocks[i] / 8;
        }
        assertThat(Math.sqrt(square)).isCloseTo(0.1, within(1e-3)); // a tenth of what is normalised
        assertThat(Arrays.copyOfRange(both, 8, both.length)).isEqualTo(Arrays.copyOfRange(blocks, 8, blocks.length));
    }

    @Test
    void lossIsTheCrossEntropyOfSmoothedTargets() {
        for (double smoothing : new double[] {0, 0.3}) {
            VisionTransformer network = network(smoothing);
            Parameters parameters = Parameters.initial(network.parameters(), 1);
            float[] logits = ReferenceVision.classify(network, parameters, images()).get("logits");
            double expected = 0;
            for (int n = 0; n < 2; n++) {
                double sum = 0;
                for (int label = 0; label < 3; label++) {
                    sum += Math.exp(logits[n * 3 + label]);
                }
                for (int label = 0; label < 3; label++) {
                    double target = (label == images().labels()[n] ? 1 - smoothing : 0) + smoothing / 3;
                    expected -= target * (logits[n * 3 + label] - Math.log(sum)) / 2;
                }
            }
            double loss = Objective.of(network)
                    .loss(new TorchOps(parameters.tensors()), images(), Precision.FP32, 0)
                    .item_double();
            assertThat(loss).isCloseTo(expected, within(1e-5));
        }
    }

    @Test
    void imagesThatPatchesDoNotFillAreRefused() {
        assertThatThrownBy(() -> new VisionTransformer(
                        new ImageShape(5, 4, 256, 3), new VisionTransformer.Config(SIZE, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("images of 5 x 4 cannot be cut into patches of 2 x 2");
        assertThatThrownBy(() -> new VisionTransformer(
                        new ImageShape(4, 4, 256, 1), new VisionTransformer.Config(SIZE, 0)))
                .hasMessageContaining("at least two classes");
    }
}
