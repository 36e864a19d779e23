package io.scanline.trainer.training;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.Captioner;
import io.scanline.trainer.models.Clip;
import io.scanline.trainer.models.TextPrior;
import io.scanline.trainer.models.VisionTransformer;
import io.scanline.trainer.ops.TorchOps;
import io.scanline.trainer.text.CaptionTexts;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What libtorch computes of images and texts, in single precision, as numbers to compare with. */
public final class ReferenceVision {
    private ReferenceVision() {}

    /** What a classifier says of images, by the names of bundle.proto. */
    public static Map<String, float[]> classify(VisionTransformer network, Parameters parameters, ImageSet images) {
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            VisionTransformer.Answer<Tensor> answer =
                    network.classify(new TorchOps(parameters.tensors()), Intensities.of(images));
            return Map.of("features", numbers(answer.features()), "logits", numbers(answer.logits()));
        }
    }

    /** Vectors of images, one behind the other. */
    public static float[] embed(Clip network, Parameters parameters, ImageSet images) {
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            return numbers(network.embedImages(new TorchOps(parameters.tensors()), Intensities.of(images)));
        }
    }

    /** Vectors of texts, one behind the other. */
    public static float[] embed(Clip network, Parameters parameters, CaptionTexts.Tokens texts) {
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            return numbers(network.embedTexts(
                    new TorchOps(parameters.tensors()), Contrastive.tokens(texts), torch.tensor(texts.lengths())));
        }
    }

    /** What the steps of images are shown of texts, one vector behind the other. */
    public static float[] condition(TextPrior network, Parameters parameters, CaptionTexts.Tokens texts) {
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            Tensor tokens = Contrastive.tokens(texts);
            return numbers(network.condition(
                    new TorchOps(parameters.tensors()), tokens, (int) tokens.size(1), torch.tensor(texts.lengths())));
        }
    }

    /**
     * What a captioner makes of images, and of whole sequences of them and of texts, by the names of bundle.proto.
     *
     * @param texts of which ids behind their ends are read like others
     * @param ids that are told apart, the first of the network's
     * @return prefix (B, N, D) and logits (B, N + T, ids)
     */
    public static Map<String, float[]> caption(
            Captioner network, Parameters parameters, ImageSet images, CaptionTexts.Tokens texts, int ids) {
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            TorchOps ops = new TorchOps(parameters.tensors());
            Tensor prefix = network.project(ops, network.features(ops, Intensities.of(images)));
            Tensor states = NextWord.states(network, ops, prefix, Contrastive.tokens(texts));
            return Map.of(
                    "prefix", numbers(prefix), "logits", numbers(network.logits(ops, states).narrow(2, 0, ids)));
        }
    }

    private static float[] numbers(Tensor tensor) {
        Tensor plain = tensor.to(ScalarType.Float).contiguous();
        float[] values = new float[(int) plain.numel()];
        plain.data_ptr_float().get(values);
        return values;
    }
}
