package io.scanline.trainer.models;

import io.scanline.trainer.ops.ParameterSpec;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.ReferenceLogits;
import java.util.List;

/**
 * A transformer small enough to compute at once, with random numbers in every parameter: fresh networks have biases of 0
 * and gains of 1, which would hide mistakes.
 *
 * @param network the network
 * @param parameters rounded to half precision, as graphs store them
 */
public record TinyNetwork(ImageTransformer network, Parameters parameters) {
    /** A network of two blocks with these attention windows. */
    public static TinyNetwork of(ImageShape shape, Integer... windows) {
        ImageTransformer network =
                new ImageTransformer(shape, new ImageTransformer.Config(8, 2, 2, 12, 1, List.of(windows)));
        List<ParameterSpec> random = network.parameters().stream()
                .map(spec -> ParameterSpec.normal(spec.name(), 0.5, true, spec.shape()))
                .toList();
        return new TinyNetwork(network, Parameters.initial(random, 1).rounded());
    }

    /** Logits (values, levels) of one image by libtorch. */
    public float[] logits(byte[] image, int label) {
        return ReferenceLogits.of(network, parameters, image, label);
    }
}
