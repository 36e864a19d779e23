package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.Ops.Normalised;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A transformer block with normalisation before each part (Radford et al. 2019): h += attention(norm(h)),
 * h += mlp(norm(h)). The normalisation of a sum belongs to the part that follows, so that sum and norm are one
 * operation: the block takes a normalised state and hands on one normalised for its successor.
 */
public final class TransformerBlock implements Network {
    private final int heads;
    private final int headSize;
    private final Attention attention;
    private final Linear qkv;
    private final Linear projection;
    private final LayerNorm middleNorm;
    private final Linear up;
    private final Linear down;
    private final LayerNorm lastNorm;

    /**
     * A block.
     *
     * @param name prefix of its parameters
     * @param width d
     * @param heads attention heads, a divisor of width
     * @param attention to which positions
     * @param hidden width of the MLP
     * @param depth blocks of the network: the initial weights of residual branches shrink by sqrt(2 depth)
     */
    public TransformerBlock(String name, int width, int heads, Attention attention, int hidden, int depth) {
        this.heads = heads;
        this.headSize = width / heads;
        this.attention = attention;
        double deviation = 1 / Math.sqrt(width);
        double branch = deviation / Math.sqrt(2.0 * depth);
        qkv = new Linear(name + ".attention.qkv", width, 3 * width, deviation);
        projection = new Linear(name + ".attention.projection", width, width, branch);
        middleNorm = new LayerNorm(name + ".mlp.norm", width);
        up = new Linear(name + ".mlp.up", width, hidden, deviation);
        down = new Linear(name + ".mlp.down", hidden, width, branch * Math.sqrt((double) width / hidden));
        lastNorm = new LayerNorm(name + ".norm", width);
    }

    @Override
    public List<ParameterSpec> parameters() {
        return Stream.of(qkv, projection, middleNorm, up, down, lastNorm)
                .flatMap(part -> part.parameters().stream())
                .toList();
    }

    /** (B, S, d) to (B, S, d). */
    public <T> Normalised<T> apply(Ops<T> ops, Normalised<T> state) {
        return apply(ops, state, x -> x, x -> x);
    }

    /**
     * The same with something done to what was normalised, before it enters a part.
     *
     * @param beforeAttention (B, S, d) to (B, S, d)
     * @param beforeMlp likewise
     */
    public <T> Normalised<T> apply(
            Ops<T> ops, Normalised<T> state, UnaryOperator<T> beforeAttention, UnaryOperator<T> beforeMlp) {
        T asked = qkv.apply(ops, beforeAttention.apply(state.normalised()));
        T attended = projection.apply(ops, attention.apply(ops, asked, heads, headSize));
        Normalised<T> middle = middleNorm.apply(ops, state.sum(), ops.dropout(attended));
        T transformed = down.apply(ops, ops.gelu(up.apply(ops, beforeMlp.apply(middle.normalised()))));
        return lastNorm.apply(ops, middle.sum(), ops.dropout(transformed));
    }
}
