package io.scanline.trainer.training;

import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Frechet distance of two sets of points, each taken for normally distributed (Dowson and Landau 1982; of images by Heusel
 * et al. 2017, arXiv 1706.08500, Eq. 6):
 *
 * <pre>  |mu_a - mu_b|^2 + tr(S_a + S_b - 2 (S_a S_b)^(1/2))</pre>
 *
 * The trace of the root is that of (S_a^(1/2) S_b S_a^(1/2))^(1/2), which is symmetric.
 */
public final class FrechetDistance {
    private FrechetDistance() {}

    /**
     * The distance.
     *
     * @param a (n, width), at least 2
     * @param b (m, width), at least 2
     */
    public static double of(double[][] a, double[][] b) {
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            Tensor first = rows(a);
            Tensor second = rows(b);
            Tensor apart = first.mean(0L).sub(second.mean(0L));
            Tensor firstCovariance = covariance(first);
            Tensor secondCovariance = covariance(second);
            Tensor root = root(firstCovariance);
            Tensor inner = root.matmul(secondCovariance).matmul(root);
            double cross = torch.linalg_eigvalsh(inner.add(inner.t()).div(new Scalar(2.0)))
                    .clamp_min(new Scalar(0.0)) // what rounding made of 0
                    .sqrt()
                    .sum()
                    .item_double();
            return apart.square().sum().item_double()
                    + firstCovariance.trace().item_double()
                    + secondCovariance.trace().item_double()
                    - 2 * cross;
        }
    }

    private static Tensor covariance(Tensor rows) {
        Tensor centred = rows.sub(rows.mean(0L));
        return centred.t().matmul(centred).div(new Scalar(rows.size(0) - 1.0));
    }

    /** The symmetric root of a covariance. */
    private static Tensor root(Tensor covariance) {
        T_TensorTensor_T eigen = torch.linalg_eigh(covariance);
        Tensor vectors = eigen.get1();
        return vectors.mul(eigen.get0().clamp_min(new Scalar(0.0)).sqrt()).matmul(vectors.t());
    }

    private static Tensor rows(double[][] points) {
        if (points.length < 2) {
            throw new IllegalArgumentException(points.length + " points have no covariance");
        }
        double[] all = Arrays.stream(points).flatMapToDouble(Arrays::stream).toArray();
        Tensor tensor = torch.zeros(all.length).to(ScalarType.Double);
        tensor.data_ptr_double().put(all);
        return tensor.reshape(points.length, -1);
    }
}
