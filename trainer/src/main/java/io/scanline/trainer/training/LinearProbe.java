package io.scanline.trainer.training;

import static org.bytedeco.pytorch.global.torch.cross_entropy;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LBFGS;
import org.bytedeco.pytorch.LBFGSOptions;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.LossClosure;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Multinomial logistic regression on numbers that stand still, by which representations are compared (Alain and Bengio
 * 2016, "Understanding intermediate layers using linear classifier probes", arXiv 1610.01644):
 *
 * <pre>  minimise over W, b   mean cross entropy of softmax(x W + b)  +  penalty / 2 |W|^2</pre>
 *
 * of x brought to mean 0 and deviation 1 in every number, by libtorch's L-BFGS over all rows at once. The problem is
 * convex: where it starts does not matter.
 *
 * @param mean of the numbers it was fitted to
 * @param scale what a number's distance from its mean is multiplied by; 0 where it never differed
 * @param weight (width, classes)
 * @param bias (classes)
 */
public record LinearProbe(float[] mean, float[] scale, float[] weight, float[] bias) {
    private static final long ITERATIONS = 300;
    private static final double LEAST_DEVIATION = 1e-6;
    private static final int ROWS = 10_000;

    /**
     * Fits one.
     *
     * @param rows one behind the other, as many as there are labels
     * @param labels 0 to classes - 1
     */
    public static LinearProbe fit(float[] rows, int[] labels, int classes, double penalty) {
        if (labels.length == 0 || classes < 2) {
            throw new IllegalArgumentException(
                    labels.length + " rows of " + classes + " classes: nothing to tell apart");
        }
        try (PointerScope scope = new PointerScope()) {
            Tensor points = torch.tensor(rows).reshape(labels.length, -1);
            Tensor mean = points.mean(0L);
            Tensor deviation = points.var(new long[] {0}, false).sqrt();
            Tensor scale = deviation.add(new Scalar(LEAST_DEVIATION))
                    .reciprocal()
                    .mul(deviation.gt(new Scalar(LEAST_DEVIATION)).to(ScalarType.Float));
            points.sub_(mean).mul_(scale);
            Tensor targets = torch.tensor(labels).to(ScalarType.Long);
            Tensor weight = torch.zeros(points.size(1), classes).set_requires_grad(true);
            Tensor bias = torch.zeros(classes).set_requires_grad(true);
            minimise(points, targets, weight, bias, penalty);
            return new LinearProbe(numbers(mean), numbers(scale), numbers(weight), numbers(bias));
        }
    }

    private static void minimise(Tensor points, Tensor targets, Tensor weight, Tensor bias, double penalty) {
        LBFGSOptions options = new LBFGSOptions(1.0);
        options.max_iter().put(ITERATIONS);
        options.max_eval().put(2 * ITERATIONS);
        options.line_search_fn().put("strong_wolfe");
        Tensor value = torch.zeros(1L).squeeze(); // outlives what it is computed from at every call
        LBFGS optimiser = new LBFGS(new TensorVector(weight, bias), options);
        try (LossClosure closure = new LossClosure() {
            @Override
            public Tensor call() {
                try (PointerScope step = new PointerScope()) {
                    optimiser.zero_grad(false);
                    Tensor loss = cross_entropy(points.matmul(weight).add(bias), targets)
                            .add(weight.square().sum().mul(new Scalar(penalty / 2)));
                    loss.backward();
                    return value.copy_(loss.detach());
                }
            }
        }) {
            optimiser.step(closure);
        }
    }

    /** The likeliest class of each row. */
    public int[] classify(float[] rows) {
        int width = mean.length;
        int count = rows.length / width;
        int[] found = new int[count];
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            Tensor points = torch.tensor(rows).reshape(count, width);
            Tensor centre = torch.tensor(mean);
            Tensor factor = torch.tensor(scale);
            Tensor matrix = torch.tensor(weight).reshape(width, bias.length);
            Tensor offset = torch.tensor(bias);
            for (int first = 0; first < count; first += ROWS) {
                int some = Math.min(ROWS, count - first);
                Tensor logits = points.narrow(0, first, some).sub(centre).mul(factor).matmul(matrix).add(offset);
                long[] best = new long[some];
                logits.argmax(new LongOptional(1), false).contiguous().data_ptr_long().get(best);
                for (int n = 0; n < some; n++) {
                    found[first + n] = (int) best[n];
                }
            }
        }
        return found;
    }

    private static float[] numbers(Tensor tensor) {
        float[] numbers = new float[(int) tensor.numel()];
        tensor.detach().contiguous().data_ptr_float().get(numbers);
        return numbers;
    }
}
