package io.scanline.trainer.ops;

import java.util.List;

/**
 * The operations that networks are written in. One definition, two interpreters: {@link TorchOps} computes at once on
 * libtorch with gradients, {@link OnnxOps} writes down the ONNX graph of the same computation.
 *
 * <p>B is the batch, S the positions of a sequence, d a width. Operations that an interpreter can do better as a whole
 * (attention, residual sum with normalisation) are in the interface as a whole.
 *
 * @param <T> what the interpreter calls a tensor
 */
public interface Ops<T> {
    /** Epsilon of layer normalisation. */
    float LAYER_NORM_EPSILON = 1e-5f;

    /** A learned tensor, by the name that the network's {@link ParameterSpec} gives it. */
    T parameter(String name);

    /** Numbers that are not learned, in row-major order. */
    T constant(float[] values, long... shape);

    /** One number that is not learned, (1). */
    default T number(float value) {
        return constant(new float[] {value}, 1);
    }

    /** a + b with broadcasting. */
    T add(T a, T b);

    /** a - b with broadcasting. */
    T subtract(T a, T b);

    /** a b, number by number, with broadcasting. */
    T multiply(T a, T b);

    /** x (.., m) times weight (m, n) plus bias (n). */
    T linear(T x, T weight, T bias);

    /** x (.., m) times weight (m, n). */
    T matmul(T x, T weight);

    /** a (.., k, m) times b (.., m, n) with broadcasting, in fp32 even where training computes other products in bf16. */
    T exactMatmul(T a, T b);

    /** |x|, number by number. */
    default T absolute(T x) {
        return add(relu(x), relu(subtract(number(0), x)));
    }

    /** x to this power, number by number. */
    T power(T x, float exponent);

    /** Rows of a table (n, d) by index: int64 indices of any shape (..) to (.., d). */
    T embed(T table, T indices);

    /** One table for each of K indices, summed: tables (K, n, d), int64 indices (B, S, K), to (B, S, d). */
    T embedSum(T tables, T indices);

    /** Quotient, rounded down, of int64 indices by a positive number. */
    T quotient(T indices, long divisor);

    /** Remainder of non-negative int64 indices by a positive number. */
    T remainder(T indices, long divisor);

    /** With broadcasting, {@code some} where an int64 index is below a bound and {@code others} elsewhere, which is not read. */
    T below(T indices, long bound, T some, T others);

    /** Inserts a dimension of size 1. */
    T unsqueeze(T x, int dimension);

    /** The same numbers in another shape, of which one dimension may be -1: whatever is left. */
    T reshape(T x, long... shape);

    /** Part of x: {@code length} indices of a dimension from {@code start} on. */
    T narrow(T x, int dimension, int start, int length);

    /** Dimension i of the result is dimension order[i] of x. */
    T permute(T x, int... order);

    /**
     * Cross-correlation with zeros around the image: (B, C, H, W) to (B, D, (H + 2 padding - k) / stride + 1, ..).
     *
     * @param weight (D, C, k, k)
     * @param bias (D)
     */
    T conv2d(T x, T weight, T bias, int stride, int padding);

    /**
     * Transpose of {@link #conv2d} of the same stride and padding: (B, C, H, W) to
     * (B, D, (H - 1) stride - 2 padding + k, ..).
     *
     * @param weight (C, D, k, k)
     * @param bias (D)
     */
    T convTranspose2d(T x, T weight, T bias, int stride, int padding);

    /** max(x, 0). */
    T relu(T x);

    /** x where it is positive, slope x elsewhere. */
    T leakyRelu(T x, float slope);

    /** 1 / (1 + exp(-x)). */
    T sigmoid(T x);

    /** Hyperbolic tangent. */
    T tanh(T x);

    /** The nearest whole number; half-way between two the even one. Its gradient is 0. */
    T round(T x);

    /** The number of a value with the gradient of its source, of the same shape (Bengio, Leonard and Courville 2013). */
    T straightThrough(T value, T source);

    /**
     * Which code is nearest: the k that minimises |x - codebook_k|, the first of several.
     *
     * @param x (.., d)
     * @param codebook (K, d)
     * @return int64 (..)
     */
    T nearest(T x, T codebook);

    /**
     * x, of which a training that asks for it leaves numbers out by chance and makes the others larger by as much (Srivastava
     * et al. 2014). Elsewhere x itself.
     */
    T dropout(T x);

    /**
     * x plus by times draws from [-most, most), one for each number, in a training that asks for it. Elsewhere x itself.
     *
     * @param by of the shape of x
     */
    T jitter(T x, T by, float most);

    /** Gaussian error linear unit, tanh approximation (Hendrycks and Gimpel 2016). */
    T gelu(T x);

    /** Tensors that agree in all but the last dimension, side by side in it. */
    T concatenate(List<T> parts);

    /** Cuts the last dimension, parts times width wide, into its parts. */
    List<T> split(T x, int parts, int width);

    /**
     * Residual sum and its layer normalisation (Ba, Kiros and Hinton 2016) over the last dimension.
     *
     * @param x (B, S, d)
     * @param residual (B, S, d)
     */
    Normalised<T> addLayerNorm(T x, T residual, T gain, T bias);

    /**
     * A row before the others of every sequence.
     *
     * @param row (d)
     * @param x (B, S, d)
     * @return (B, S + 1, d)
     */
    T prepend(T row, T x);

    /**
     * The vector at the last position of every sequence.
     *
     * @param x (B, S, d)
     * @param lengths int64 (B): positions that count, at least 1; the others lie behind them
     * @return (B, d)
     */
    T last(T x, T lengths);

    /** x / |x| over the last dimension. */
    T normalise(T x);

    /**
     * Multi-head self-attention (Vaswani et al. 2017): every position attends to all.
     *
     * @param qkv (B, S, 3 d): queries, keys and values, each d wide, heads side by side
     * @param heads number of heads
     * @param headSize width of a head: d = heads headSize
     * @return (B, S, d)
     */
    T attention(T qkv, int heads, int headSize);

    /**
     * Causal multi-head self-attention (Vaswani et al. 2017): position i attends to itself and to those before it.
     *
     * @param qkv (B, S, 3 d): queries, keys and values, each d wide, heads side by side
     * @param heads number of heads
     * @param headSize width of a head: d = heads headSize
     * @param window positions that i attends to, itself included; 0: all
     * @return (B, S, d)
     */
    T causalAttention(T qkv, int heads, int headSize, int window);

    /**
     * Multi-head self-attention within neighbourhoods of an image (Parmar et al. 2018): a position attends to those of
     * its neighbours that lie inside the image.
     *
     * @param qkv (B, S, 3 d): as for {@link #causalAttention}
     * @param heads number of heads
     * @param headSize width of a head: d = heads headSize
     * @param neighbours of a position, the own one among them
     * @return (B, S, d)
     */
    T neighbourAttention(T qkv, int heads, int headSize, Taps.Neighbours neighbours);

    /**
     * A convolution over the positions of images: y_i = sum_r x_(i + tap r) weight_r + bias, where positions outside of
     * the image count as zero.
     *
     * @param x (B, S, C)
     * @param weight (R, C, D), in the order of the taps
     * @param bias (D)
     * @return (B, S, D)
     */
    T convolve(T x, T weight, T bias, Taps taps);

    /**
     * A recurrence over the positions of images.
     *
     * @param x (B, S, C)
     * @return (B, S, h): the first of the vectors that positions hand on; where the recurrence sweeps to the left, that of
     *     the position above, and zeros in the first row
     */
    T recur(T x, Recurrence recurrence);

    /**
     * A residual sum and its normalisation.
     *
     * @param sum x + residual
     * @param normalised layer norm of the sum
     */
    record Normalised<T>(T sum, T normalised) {}
}
