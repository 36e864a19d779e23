package io.scanline.trainer.training;

import static org.bytedeco.pytorch.global.torch.special_log_ndtr;
import static org.bytedeco.pytorch.global.torch.where;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** -log p(x|z) of images, summed over all values, with gradients; the observations of bundle.proto. */
final class ObservationLoss {
    /** Keeps the mass of an interval above 0 when both ends round to the same number. */
    private static final double NARROWEST = -1e-6;

    private ObservationLoss() {}

    /**
     * Two levels: log(1 + exp(l)) - x l.
     *
     * @param logits log-odds l of intensity 1
     * @param image intensities, 0 or 1
     */
    static Tensor bernoulli(Tensor logits, Tensor image) {
        return torch.softplus(logits).sub(image.mul(logits)).sum();
    }

    /**
     * A normal distribution's mass on the interval of every level: log(Phi(b) - Phi(a)), a = (x - h - mean) / deviation
     * and b = (x + h - mean) / deviation with h = 1 / (2 (levels - 1)), the outer intervals open.
     *
     * @param image intensities, level / (levels - 1)
     */
    static Tensor gaussian(Tensor mean, Tensor logDeviation, Tensor image, int levels) {
        double half = 0.5 / (levels - 1);
        Tensor precision = logDeviation.neg().exp();
        Tensor distance = image.sub(mean);
        Tensor lower = distance.sub(new Scalar(half)).mul(precision);
        Tensor upper = distance.add(new Scalar(half)).mul(precision);
        // By symmetry both ends are brought to the left of 0, where log Phi keeps its digits.
        Tensor right = lower.add(upper).gt(new Scalar(0.0));
        Tensor from = where(right, upper.neg(), lower);
        Tensor to = where(right, lower.neg(), upper);
        Tensor logTo = special_log_ndtr(to);
        Tensor share = special_log_ndtr(from).sub(logTo).clamp_max(new Scalar(NARROWEST)); // log(Phi(a) / Phi(b))
        Tensor inside = logTo.add(share.exp().neg().log1p());
        Tensor lowest = image.lt(new Scalar(half));
        Tensor highest = image.gt(new Scalar(1 - half));
        Tensor mass = where(
                lowest, special_log_ndtr(upper), where(highest, special_log_ndtr(lower.neg()), inside));
        return mass.sum().neg();
    }
}
