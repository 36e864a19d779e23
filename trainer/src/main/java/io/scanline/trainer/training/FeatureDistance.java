package io.scanline.trainer.training;

import static org.bytedeco.pytorch.global.torch.stack;

import io.scanline.trainer.nn.PatchEncoder;
import io.scanline.trainer.ops.OnnxOps;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * How unlike images look to a trained encoder that stands still (Johnson, Alahi and Fei-Fei 2016, "Perceptual losses
 * for real-time style transfer and super-resolution", arXiv 1603.08155; Zhang et al. 2018, "The unreasonable
 * effectiveness of deep features as a perceptual metric", arXiv 1801.03924, Eq. 1):
 *
 * <pre>
 *   d(x, y) = mean over layers and tokens of |u(x) - u(y)|^2,   u: a token over its length
 * </pre>
 *
 * The layers are what every block of the encoder reads: normalised tokens, from the embedded patches on. What the last
 * block makes of patches is not among them, because nothing taught it anything. Each layer counts the same, where Zhang
 * et al. weigh channels by people's judgements. From 0 to 4.
 *
 * @param encoder of images; with transparency it is shown straight colours and alpha, as in its own training
 * @param frozen its parameters, which never get gradients; all threads read the same ones
 */
public record FeatureDistance(PatchEncoder encoder, Parameters frozen) {
    /**
     * A distance by numbers that were trained before.
     *
     * @param values by name; those of other parts of the network are ignored
     * @throws IllegalArgumentException when one is missing or of another shape
     */
    public static FeatureDistance of(PatchEncoder encoder, Map<String, OnnxOps.Values> values) {
        return new FeatureDistance(encoder, Parameters.of(encoder.parameters(), values));
    }

    /**
     * The distance of images from others.
     *
     * @param real (B, C, H, W), without gradients
     * @param made (B, C, H, W), which gets gradients
     * @return a scalar
     */
    Tensor between(Tensor real, Tensor made, Precision precision) {
        List<Tensor> wanted;
        try (NoGradGuard noGradients = new NoGradGuard()) {
            wanted = read(real, precision);
        }
        List<Tensor> found = read(made, precision);
        Tensor[] layers = new Tensor[found.size()];
        for (int i = 0; i < layers.length; i++) {
            layers[i] = found.get(i).sub(wanted.get(i)).square().sum(-1).mean(); // over B and S
        }
        return stack(new TensorVector(layers)).mean();
    }

    /** Tokens of length 1 that the blocks read: (B, S, d) each. */
    private List<Tensor> read(Tensor images, Precision precision) {
        TorchOps ops = new TorchOps(frozen.tensors());
        List<Tensor> layers;
        try (Precision.Scope scope = precision.enter()) {
            layers = encoder.read(ops, images);
        }
        return layers.stream().map(ops::normalise).toList();
    }
}
