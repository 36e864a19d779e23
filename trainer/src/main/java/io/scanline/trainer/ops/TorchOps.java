package io.scanline.trainer.ops;

import static org.bytedeco.pytorch.global.torch.addmm;
import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.embedding;
import static org.bytedeco.pytorch.global.torch.floor_divide;
import static org.bytedeco.pytorch.global.torch.layer_norm;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Computes at once on libtorch, with gradients. Tensors it makes belong to the caller's PointerScope. */
public final class TorchOps implements Ops<Tensor> {
    private final Map<String, Tensor> parameters;
    private final Optional<Dropout> dropout;
    private final Optional<Jitter> jitter;

    /** Computes with these parameters. */
    public TorchOps(Map<String, Tensor> parameters) {
        this(parameters, Optional.empty(), Optional.empty());
    }

    private TorchOps(Map<String, Tensor> parameters, Optional<Dropout> dropout, Optional<Jitter> jitter) {
        this.parameters = parameters;
        this.dropout = dropout;
        this.jitter = jitter;
    }

    /**
     * The same with dropout.
     *
     * @param share of the numbers that are left out, from 0 to below 1
     * @param seed of the choice: the same seed, the same numbers in the same order of operations
     */
    public TorchOps dropping(double share, long seed) {
        return share == 0 ? this : new TorchOps(parameters, Optional.of(new Dropout(share, seed)), jitter);
    }

    /**
     * The same with {@link Ops#jitter}.
     *
     * @param seed of the draws: the same seed, the same numbers in the same order of operations
     */
    public TorchOps jittering(long seed) {
        return new TorchOps(parameters, dropout, Optional.of(new Jitter(seed)));
    }

    /** The parameters that it computes with, by name. */
    public Map<String, Tensor> parameters() {
        return parameters;
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
    public Tensor matmul(Tensor x, Tensor weight) {
        return x.matmul(weight);
    }

    @Override
    public Tensor exactMatmul(Tensor a, Tensor b) {
        try (Precision.Scope scope = Precision.FP32.enter()) {
            return a.matmul(b);
        }
    }

    @Override
    public Tensor power(Tensor x, float exponent) {
        return x.pow(new Scalar(exponent));
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
    public Tensor below(Tensor indices, long bound, Tensor some, Tensor others) {
        return torch.where(indices.lt(new Scalar(bound)), some, others);
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
    public Tensor leakyRelu(Tensor x, float slope) {
        return torch.leaky_relu(x, new Scalar(slope));
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
    public Tensor dropout(Tensor x) {
        return dropout.map(chosen -> x.mul(chosen.factors(x.shape()))).orElse(x);
    }

    @Override
    public Tensor jitter(Tensor x, Tensor by, float most) {
        return jitter.map(drawn -> x.add(by.mul(drawn.from(most, x.shape())))).orElse(x);
    }

    @Override
    public Tensor gelu(Tensor x) {
        return torch.gelu(x, "tanh");
    }

    @Override
    public Tensor concatenate(List<Tensor> parts) {
        return cat(new TensorVector(parts.toArray(Tensor[]::new)), -1);
    }

    @Override
    public List<Tensor> split(Tensor x, int parts, int width) {
        // At once: the gradients of slices would each be as large as x.
        return List.of(torch.split(x, width, -1).get());
    }

    @Override
    public Tensor convolve(Tensor x, Tensor weight, Tensor bias, Taps taps) {
        if (taps.others() == 0) {
            return linear(x, weight.reshape(weight.size(1), weight.size(2)), bias);
        }
        return TorchConvolution.of(taps).apply(x, weight, bias);
    }

    @Override
    public Tensor recur(Tensor x, Recurrence recurrence) {
        Tensor input = recurrence.input(this, x).to(ScalarType.Float);
        int rows = (int) (x.size(1) / recurrence.columns());
        try (Precision.Scope scope = Precision.FP32.enter()) { // what is summed up over many steps, and small products
            return new ImageScan<>(this, new TorchShapes(), recurrence, rows).apply(input);
        }
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
    public Tensor prepend(Tensor row, Tensor x) {
        return cat(new TensorVector(row.to(x.scalar_type()).expand(x.size(0), 1, x.size(2)), x), 1);
    }

    @Override
    public Tensor last(Tensor x, Tensor lengths) {
        Tensor index = lengths.sub(new Scalar(1)).reshape(-1, 1, 1).expand(x.size(0), 1, x.size(2));
        return x.gather(1, index).squeeze(1);
    }

    @Override
    public Tensor normalise(Tensor x) {
        Tensor whole = x.to(ScalarType.Float);
        return whole.div(whole.square().sum(new long[] {-1}, true, new ScalarTypeOptional()).sqrt());
    }

    @Override
    public Tensor attention(Tensor qkv, int heads, int headSize) {
        return new TorchAttention(heads, headSize).mutual(qkv);
    }

    @Override
    public Tensor causalAttention(Tensor qkv, int heads, int headSize, int window) {
        return new TorchAttention(heads, headSize).causal(qkv, window);
    }

    @Override
    public Tensor neighbourAttention(Tensor qkv, int heads, int headSize, Taps.Neighbours neighbours) {
        return new TorchAttention(heads, headSize).nearby(qkv, neighbours);
    }
}
