package io.scanline.trainer.training;

import io.scanline.trainer.ops.ParameterSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Weights over their largest singular value (Miyato et al. 2018, "Spectral normalization for generative adversarial
 * networks", arXiv 1802.05957, Algorithm 1). The singular value is that of the matrix (first dimension, all others),
 * estimated with a vector that one round of the power method improves after every step.
 *
 * @param weights those of a network; vectors among them are left as they are
 */
record SpectralNorm(List<ParameterSpec> weights) {
    private static final double LEAST = 1e-12;

    private List<ParameterSpec> matrices() {
        return weights.stream().filter(spec -> spec.shape().length > 1).toList();
    }

    private static String vector(ParameterSpec matrix) {
        return matrix.name() + ".left";
    }

    /** The estimates of left singular vectors, which no gradient moves. */
    List<ParameterSpec> vectors() {
        return matrices().stream()
                .map(matrix -> ParameterSpec.normal(vector(matrix), 1, false, matrix.shape()[0]).undescended())
                .toList();
    }

    /** All tensors, the matrices divided by u W v. */
    Map<String, Tensor> normalised(Map<String, Tensor> tensors) {
        Map<String, Tensor> normalised = new HashMap<>(tensors);
        for (ParameterSpec spec : matrices()) {
            Tensor weight = tensors.get(spec.name());
            Tensor matrix = weight.reshape(weight.size(0), -1);
            Tensor left;
            Tensor right;
            try (NoGradGuard noGradients = new NoGradGuard()) {
                left = unit(tensors.get(vector(spec)));
                right = unit(matrix.t().mv(left));
            }
            normalised.put(spec.name(), weight.div(left.dot(matrix.mv(right))));
        }
        return normalised;
    }

    /** u = W v / |W v| with v = W' u / |W' u|. */
    void improve(Parameters parameters) {
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            for (ParameterSpec spec : matrices()) {
                Tensor weight = parameters.tensors().get(spec.name());
                Tensor matrix = weight.reshape(weight.size(0), -1);
                Tensor left = parameters.tensors().get(vector(spec));
                left.copy_(unit(matrix.mv(unit(matrix.t().mv(left)))));
            }
        }
    }

    private static Tensor unit(Tensor vector) {
        return vector.div(vector.norm().clamp_min(new Scalar(LEAST)));
    }
}
