package io.scanline.trainer.training;

import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A mixture of normal distributions with full covariances, fitted by expectation maximisation (Dempster, Laird and
 * Rubin 1977):
 *
 * <pre>
 *   p(x) = sum_k w_k N(x; m_k, L_k L_k^T)
 *   E:  r_nk = w_k N_k(x_n) / p(x_n)
 *   M:  w_k = mean_n r_nk,  m_k = sum_n r_nk x_n / sum_n r_nk,  S_k likewise, + ridge I
 * </pre>
 *
 * It starts from centres that are far from each other (k-means++, Arthur and Vassilvitskii 2007). The ridge is a
 * thousandth of the points' mean variance, so that a component of few points has a density, too.
 *
 * @param weights (K), which sum to 1
 * @param means (K, d)
 * @param factors (K, d, d): lower triangular
 * @param logLikelihood of the points it was fitted to: nats, the mean over points
 */
public record GaussianMixture(double[] weights, double[][] means, double[][][] factors, double logLikelihood) {
    private static final int MOST_ROUNDS = 200;
    /** Nats a point that another round must gain. */
    private static final double LEAST_GAIN = 1e-4;
    private static final double RIDGE = 1e-3;
    /** Points that a component is taken to have at least, so that none has none. */
    private static final double LEAST_POINTS = 1e-6;

    /** Components while they are fitted: weights (K), means (K, d), Cholesky factors (K, d, d). */
    private record Components(Tensor weights, Tensor means, Tensor factors) {
        /** Takes them out of the scope at hand, until they are released. */
        Components kept() {
            Stream.of(weights, means, factors).forEach(Tensor::retainReference);
            return this;
        }

        void release() {
            Stream.of(weights, means, factors).forEach(Tensor::releaseReference);
        }
    }

    /**
     * Fits one.
     *
     * @param rows points, one behind the other
     * @param width d
     * @param components K, at most as many as there are points
     * @param seed of the first centres
     */
    public static GaussianMixture fit(float[] rows, int width, int components, long seed) {
        int count = rows.length / width;
        if (components < 1 || components > count) {
            throw new IllegalArgumentException(components + " components of " + count + " points");
        }
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            Tensor points = torch.tensor(rows).to(ScalarType.Double).reshape(count, width);
            double variance = points.var(new long[] {0}, false).mean().item_double();
            Tensor ridge = torch.eye(width, doubles()).mul(new Scalar(RIDGE * variance + Double.MIN_NORMAL));
            Components found = maximise(points, nearest(points, centres(points, components, seed)), ridge).kept();
            double reached = Double.NEGATIVE_INFINITY;
            boolean done = false;
            for (int round = 0; round < MOST_ROUNDS && !done; round++) {
                try (PointerScope ofRound = new PointerScope()) { // or its tensors, of all points, pile up
                    Tensor joint = joint(points, found); // (N, K)
                    Tensor each = joint.logsumexp(new long[] {1}, true);
                    double now = each.mean().item_double();
                    done = now - reached < LEAST_GAIN;
                    reached = now;
                    if (!done) {
                        Components better = maximise(points, joint.sub(each).exp(), ridge).kept();
                        found.release();
                        found = better;
                    }
                }
            }
            GaussianMixture mixture = of(found, joint(points, found).logsumexp(1).mean().item_double());
            found.release();
            return mixture;
        }
    }

    /** Indices of points that are far from those before them. */
    private static Tensor centres(Tensor points, int count, long seed) {
        Random random = new Random(seed);
        int size = (int) points.size(0);
        Tensor[] chosen = new Tensor[count];
        chosen[0] = points.narrow(0, random.nextInt(size), 1);
        Tensor distance = torch.full(new long[] {size}, new Scalar(Double.MAX_VALUE), doubles());
        for (int k = 1; k < count; k++) {
            distance = distance.minimum(points.sub(chosen[k - 1]).square().sum(1));
            Tensor sums = distance.cumsum(0);
            double drawn = random.nextDouble() * sums.narrow(0, size - 1, 1).item_double();
            long index = Math.min(size - 1, sums.le(new Scalar(drawn)).sum().item_long());
            chosen[k] = points.narrow(0, index, 1);
        }
        return torch.cat(new TensorVector(chosen), 0);
    }

    /** (N, K): 1 for the nearest centre of a point. */
    private static Tensor nearest(Tensor points, Tensor centres) {
        Tensor best = torch.cdist(points, centres).argmin(new LongOptional(1), true);
        return torch.zeros(new long[] {points.size(0), centres.size(0)}, doubles()).scatter_(1, best, new Scalar(1.0));
    }

    private static Components maximise(Tensor points, Tensor shares, Tensor ridge) {
        Tensor sizes = shares.sum(0L).clamp_min(new Scalar(LEAST_POINTS)); // (K)
        Tensor means = shares.t().matmul(points).div(sizes.unsqueeze(1));
        int components = (int) sizes.size(0);
        Tensor[] covariances = new Tensor[components];
        for (int k = 0; k < components; k++) {
            Tensor centred = points.sub(means.narrow(0, k, 1));
            Tensor weighted = centred.mul(shares.narrow(1, k, 1)).t().matmul(centred);
            covariances[k] = weighted.div(sizes.narrow(0, k, 1)).add(ridge);
        }
        Tensor factors = torch.linalg_cholesky(torch.stack(new TensorVector(covariances)));
        return new Components(sizes.div(sizes.sum()), means, factors);
    }

    /** log w_k + log N_k(x_n), (N, K). */
    private static Tensor joint(Tensor points, Components found) {
        int components = (int) found.weights().size(0);
        Tensor[] columns = new Tensor[components];
        double constant = points.size(1) * Math.log(2 * Math.PI) / 2;
        for (int k = 0; k < components; k++) {
            Tensor factor = found.factors().narrow(0, k, 1).squeeze(0);
            Tensor centred = points.sub(found.means().narrow(0, k, 1)).t();
            Tensor whitened = torch.linalg_solve_triangular(factor, centred, false); // (d, N)
            Tensor logWeight = found.weights().narrow(0, k, 1).log();
            columns[k] = whitened.square()
                    .sum(0L)
                    .div(new Scalar(-2.0))
                    .sub(factor.diagonal().log().sum())
                    .sub(new Scalar(constant))
                    .add(logWeight);
        }
        return torch.stack(new TensorVector(columns), 1);
    }

    private static GaussianMixture of(Components found, double logLikelihood) {
        int components = (int) found.weights().size(0);
        int width = (int) found.means().size(1);
        double[] all = numbers(found.factors());
        double[] centres = numbers(found.means());
        double[][] means = new double[components][width];
        double[][][] factors = new double[components][width][width];
        for (int k = 0; k < components; k++) {
            System.arraycopy(centres, k * width, means[k], 0, width);
            for (int i = 0; i < width; i++) {
                System.arraycopy(all, (k * width + i) * width, factors[k][i], 0, width);
            }
        }
        return new GaussianMixture(numbers(found.weights()), means, factors, logLikelihood);
    }

    private static double[] numbers(Tensor tensor) {
        double[] numbers = new double[(int) tensor.numel()];
        tensor.contiguous().data_ptr_double().get(numbers);
        return numbers;
    }

    private static TensorOptions doubles() {
        return new TensorOptions(ScalarType.Double);
    }

    /**
     * A point of the mixture.
     *
     * @param uniform from [0, 1), which chooses the component
     * @param normals d independent normal numbers of mean 0 and variance 1
     */
    public double[] draw(double uniform, double[] normals) {
        int k = 0;
        double rest = uniform;
        while (k < weights.length - 1 && rest >= weights[k]) {
            rest -= weights[k++];
        }
        double[] point = means[k].clone();
        for (int i = 0; i < point.length; i++) {
            for (int j = 0; j <= i; j++) {
                point[i] += factors[k][i][j] * normals[j];
            }
        }
        return point;
    }
}
