package io.scanline.trainer.training;

import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.LatentSpace;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.ImageGenerator;
import io.scanline.trainer.models.LatentNetwork;
import io.scanline.trainer.ops.TorchOps;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What libtorch computes of latents, in single precision, as numbers to compare with; tokens as whole numbers. */
public final class ReferenceLatents {
    private ReferenceLatents() {}

    /** What the encoder says of images, by the names of {@link LatentNetwork#encode}. */
    public static Map<String, float[]> encode(LatentNetwork network, Parameters parameters, ImageSet images) {
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            return numbers(network.encode(new TorchOps(parameters.tensors()), Intensities.of(images)));
        }
    }

    /** What the decoder says of latents, one behind the other, by the names of {@link LatentNetwork#decode}. */
    public static Map<String, float[]> decode(LatentNetwork network, Parameters parameters, float[] latents) {
        LatentSpace space = network.latent();
        long[] shape = new long[space.getShapeCount() + 1];
        shape[0] = -1;
        for (int i = 1; i < shape.length; i++) {
            shape[i] = space.getShape(i - 1);
        }
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            Tensor input = torch.tensor(latents).reshape(shape);
            if (space.getKind() == LatentKind.LATENT_KIND_TOKENS) {
                input = input.to(ScalarType.Long);
            }
            return numbers(network.decode(new TorchOps(parameters.tensors()), input));
        }
    }

    /** What a generator draws of latents, one behind the other, as "image". */
    public static Map<String, float[]> draw(
            ImageGenerator network, Parameters parameters, float[] latents, long[] labels) {
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            Tensor image = network.draw(
                    new TorchOps(parameters.tensors()),
                    torch.tensor(latents).reshape(labels.length, network.latentSize()),
                    network.shape().hasClasses() ? Optional.of(torch.tensor(labels)) : Optional.empty());
            return numbers(Map.of("image", image));
        }
    }

    private static Map<String, float[]> numbers(Map<String, Tensor> tensors) {
        Map<String, float[]> numbers = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            Tensor plain = tensor.to(ScalarType.Float).contiguous();
            float[] values = new float[(int) plain.numel()];
            plain.data_ptr_float().get(values);
            numbers.put(name, values);
        });
        return numbers;
    }
}
