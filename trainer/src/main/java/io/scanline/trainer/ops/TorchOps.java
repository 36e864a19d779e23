package io.scanline.trainer.ops;

import static org.bytedeco.pytorch.global.torch.addmm;
import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.embedding;
import static org.bytedeco.pytorch.global.torch.floor_divide;
import static org.bytedeco.pytorch.global.torch.layer_norm;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;

import java.util.Arrays;
import java.util.Map;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Computes at once on libtorch, with gradients. Tensors it makes belong to the caller's PointerScope. */
public final class TorchOps implements Ops<Tensor> {
    private final Map<String, Tensor> parameters;

    /** Computes with these parameters. */
    public TorchOps(Map<String, Tensor> parameters) {
        this.parameters = parameters;
    }

    @Override
    public Tensor parameter(String name) {
        Tensor parameter = parameters.get(name);
        if (parameter == null) {
            throw new IllegalArgumentException("no parameter named " + name);
        }
        return parameter;
    }

    @Override
    public Tensor constant(float[] values, long... shape) {
        return torch.tensor(values).reshape(shape);
    }

    @Override
    public Tensor add(Tensor a, Tensor b) {
        return a.add(b);
    }

    @Override
    public Tensor subtract(Tensor a, Tensor b) {
        return a.sub(b);
    }

    @Override
    public Tensor multiply(Tensor a, Tensor b) {
        return a.mul(b);
    }

    @Override
    public Tensor linear(Tensor x, Tensor weight, Tensor bias) {
        long[] shape = x.shape();
        Tensor rows = x.reshape(-1, shape[shape.length - 1]);
        shape[shape.length - 1] = weight.shape()[1];
        return addmm(bias, rows, weight).reshape(shape);
    }

    @Override
    public Tensor embed(Tensor table, Tensor indices) {
        return embedding(table, indices);
    }

    @Override
    public Tensor embedSum(Tensor tables, Tensor indices) {
        // Few rows and many look-ups: a product with the one-hot code has a far cheaper gradient than K scatters.
        long[] shape = tables.shape(); // (K, n, d)
        long[] batch = indices.shape(); // (B, S, K)
        Tensor first = torch.arange(new Scalar(shape[0])).mul(new Scalar(shape[1])); // first row of every table
        Tensor rows = indices.add(first).reshape(-1, shape[0]); // (B S, K)
        Tensor code = torch.zeros(batch[0] * batch[1], shape[0] * shape[1]).scatter_(1, rows, new Scalar(1.0f));
        return code.matmul(tables.reshape(-1, shape[2])).reshape(batch[0], batch[1], shape[2]);
    }

    @Override
    public Tensor quotient(Tensor indices, long divisor) {
        return floor_divide(indices, new Scalar(divisor));
    }

    @Override
    public Tensor remainder(Tensor indices, long divisor) {
        return torch.remainder(indices, new Scalar(divisor));
    }

    @Override
    public Tensor unsqueeze(Tensor x, int dimension) {
        return x.unsqueeze(dimension);
    }

    @Override
    public Tensor reshape(Tensor x, long... shape) {
        return x.reshape(shape);
    }

    @Override
    public Tensor narrow(Tensor x, int dimension, int start, int length) {
        return x.narrow(dimension, start, length);
    }

    @Override
    public Tensor permute(Tensor x, int... order) {
        return x.permute(Arrays.stream(order).asLongStream().toArray());
    }

    @Override
    public Tensor conv2d(Tensor x, Tensor weight, Tensor bias, int stride, int padding) {
        return torch.conv2d(
                x, weight, new TensorOptional(bias), both(stride), both(padding), both(1), 1);
    }

    @Override
    public Tensor convTranspose2d(Tensor x, Tensor weight, Tensor bias, int stride, int padding) {
        return torch.conv_transpose2d(
                x, weight, new TensorOptional(bias), both(stride), both(padding), both(0), 1, both(1));
    }

    /** The same along rows and columns. */
    private static long[] both(long number) {
        return new long[] {number, number};
    }

    @Override
    public Tensor relu(Tensor x) {
        return torch.relu(x);
    }

    @Override
    public Tensor sigmoid(Tensor x) {
        return x.to(ScalarType.Float).sigmoid(); // bf16 could not tell 256 levels apart
    }

    @Override
    public Tensor tanh(Tensor x) {
        return x.tanh();
    }

    @Override
    public Tensor round(Tensor x) {
        return x.round();
    }

    @Override
    public Tensor straightThrough(Tensor value, Tensor source) {
        return source.add(value.sub(source).detach());
    }

    @Override
    public Tensor nearest(Tensor x, Tensor codebook) {
        // |x|^2 is the same for all codes. In fp32 whatever the autocast: bf16 would confuse near codes.
        try (Precision.Scope scope = Precision.FP32.enter(); NoGradGuard noGradients = new NoGradGuard()) {
            Tensor lengths = codebook.square().sum(1); // (K)
            Tensor products = x.to(ScalarType.Float).matmul(codebook.t()); // (.., K)
            return lengths.sub(products, new Scalar(2)).argmin(new LongOptional(-1), false);
        }
    }

    @Override
    public Tensor gelu(Tensor x) {
        return torch.gelu(x, "tanh");
    }

    @Override
    public Normalised<Tensor> addLayerNorm(Tensor x, Tensor residual, Tensor gain, Tensor bias) {
        Tensor sum = x.add(residual);
        long[] normalisedShape = {gain.shape()[0]};
        return new Normalised<>(
                sum,
                layer_norm(
                        sum, normalisedShape, new TensorOptional(gain), new TensorOptional(bias), LAYER_NORM_EPSILON, false));
    }

    @Override
    public Tensor causalAttention(Tensor qkv, int heads, int window) {
        long[] shape = qkv.shape(); // (B, S, 3 d)
        long positions = shape[1];
        long headSize = shape[2] / 3 / heads;
        Tensor split = qkv.to(ScalarType.Float)
                .reshape(shape[0], positions, 3, heads, headSize)
                .permute(2, 0, 3, 1, 4); // (3, B, H, S, D)
        Tensor query = split.select(0, 0);
        Tensor key = split.select(0, 1);
        Tensor value = split.select(0, 2);
        Tensor mixed = window == 0 || window >= positions
                ? attend(query, key, value, new TensorOptional(), true)
                : attendInBlocks(query, key, value, window);
        return mixed.permute(0, 2, 1, 3).reshape(shape[0], positions, heads * headSize);
    }

    /**
     * Windowed attention in blocks of one window: a block of queries meets its own keys and those of the block before,
     * so cost is linear in S (Parmar et al. 2018, section 3.2.1, with a sliding window instead of a fixed memory block).
     */
    private static Tensor attendInBlocks(Tensor query, Tensor key, Tensor value, int window) {
        long[] shape = query.shape(); // (B, H, S, D)
        long positions = shape[2];
        long blocks = (positions + window - 1) / window;
        long missing = blocks * window - positions;
        long rows = shape[0] * shape[1];
        Tensor q = pad(query, missing).reshape(rows, blocks, window, shape[3]);
        Tensor k = withPrevious(pad(key, missing).reshape(rows, blocks, window, shape[3]));
        Tensor v = withPrevious(pad(value, missing).reshape(rows, blocks, window, shape[3]));
        Tensor mixed = attend(q, k, v, new TensorOptional(blockMask((int) blocks, window)), false);
        return mixed.reshape(shape[0], shape[1], blocks * window, shape[3]).narrow(2, 0, positions);
    }

    /** (1, blocks, w, 2 w): query i of a block sees keys i + 1 to i + w of the previous and own block; the first has none before. */
    private static Tensor blockMask(int blocks, int window) {
        float[] mask = new float[blocks * window * 2 * window];
        Arrays.fill(mask, Float.NEGATIVE_INFINITY);
        for (int block = 0; block < blocks; block++) {
            for (int i = 0; i < window; i++) {
                for (int j = block == 0 ? window : i + 1; j <= i + window; j++) {
                    mask[(block * window + i) * 2 * window + j] = 0;
                }
            }
        }
        return torch.tensor(mask).reshape(1, blocks, window, 2 * window);
    }

    private static Tensor pad(Tensor x, long missing) {
        if (missing == 0) {
            return x;
        }
        long[] shape = x.shape();
        shape[2] = missing;
        return cat(new TensorVector(x, torch.zeros(shape)), 2);
    }

    /** (n, blocks, w, D) to (n, blocks, 2 w, D): every block behind the one before it. */
    private static Tensor withPrevious(Tensor blocks) {
        long[] shape = blocks.shape();
        Tensor none = torch.zeros(shape[0], 1, shape[2], shape[3]);
        Tensor previous = shape[1] == 1
                ? none
                : cat(new TensorVector(none, blocks.narrow(1, 0, shape[1] - 1)), 1);
        return cat(new TensorVector(previous, blocks), 2);
    }

    /** In fp32 whatever the autocast: the bf16 kernel of this libtorch build is many times slower in its gradient. */
    private static Tensor attend(Tensor query, Tensor key, Tensor value, TensorOptional mask, boolean causal) {
        try (Precision.Scope scope = Precision.FP32.enter()) {
            return scaled_dot_product_attention(query, key, value, mask, 0.0, causal, new DoubleOptional(), false);
        }
    }
}
