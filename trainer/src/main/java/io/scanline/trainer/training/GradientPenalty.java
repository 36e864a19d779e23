package io.scanline.trainer.training;

import static org.bytedeco.pytorch.global.torch.grad;

import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Squared length of a discriminator's gradient at images, itself with gradients (Mescheder et al. 2018, arXiv 1801.04406). */
final class GradientPenalty {
    private GradientPenalty() {}

    /**
     * 1/2 |grad_x d(x)|^2 of every image: (B).
     *
     * @param logits computed of the images, each of its own image alone
     * @param images (B, ..) that require gradients
     */
    static Tensor halfSquares(Tensor logits, Tensor images) {
        Tensor gradient = grad(
                        new TensorVector(logits.sum()),
                        new TensorVector(images),
                        new TensorVector(),
                        new BoolOptional(true),
                        true, // gradients of the gradient
                        false)
                .get(0);
        Tensor rows = gradient.to(ScalarType.Float).reshape(images.size(0), -1);
        return rows.square().sum(1).mul(new Scalar(0.5));
    }
}
