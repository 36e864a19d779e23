package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.Ops.Normalised;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A causal transformer over the token ids of a text, as the text encoder of CLIP (Radford et al. 2021, section 2.4): a
 * token sees itself and those before it, so what fills a text up behind its end changes nothing before it.
 */
public final class TextEncoder implements Network {
    private static final double TOKEN = 0.02;
    private static final double POSITION = 0.01; // both as in the paper's code

    private final String name;
    private final Size size;
    private final LayerNorm firstNorm;
    private final List<TransformerBlock> blocks;

    /**
     * How large it is.
     *
     * @param vocabulary different ids
     * @param context ids T of a text, special ones included
     * @param width d
     * @param depth blocks
     * @param heads attention heads, a divisor of width
     * @param hidden width of the MLPs
     */
    public record Size(int vocabulary, int context, int width, int depth, int heads, int hidden) {}

    /** A text encoder; {@code name} is the prefix of its parameters. */
    public TextEncoder(String name, Size size) {
        this.name = name;
        this.size = size;
        this.firstNorm = new LayerNorm(name + ".norm", size.width());
        this.blocks = IntStream.range(0, size.depth())
                .mapToObj(block -> new TransformerBlock(
                        name + ".block" + block,
                        size.width(),
                        size.heads(),
                        new Attention.Last(0),
                        size.hidden(),
                        size.depth()))
                .toList();
    }

    @Override
    public List<ParameterSpec> parameters() {
        return Stream.of(
                        Stream.of(
                                ParameterSpec.normal(name + ".token", TOKEN, false, size.vocabulary(), size.width()),
                                ParameterSpec.normal(name + ".position", POSITION, false, 1, size.context(), size.width())),
                        firstNorm.parameters().stream(),
                        blocks.stream().flatMap(block -> block.parameters().stream()))
                .flatMap(parameters -> parameters)
                .toList();
    }

    /** Token ids int64 (B, T) to (B, T, d). */
    public <T> T apply(Ops<T> ops, T tokens) {
        return apply(ops, tokens, size.context());
    }

    /** The same of the first ids of texts, which know nothing of those behind them: int64 (B, S) to (B, S, d). */
    public <T> T apply(Ops<T> ops, T tokens, int ids) {
        T embedded = ops.embed(ops.parameter(name + ".token"), tokens);
        T position = ops.parameter(name + ".position");
        T first = ids == size.context() ? position : ops.narrow(position, 1, 0, ids);
        Normalised<T> state = firstNorm.apply(ops, ops.dropout(embedded), first);
        for (TransformerBlock block : blocks) {
            state = block.apply(ops, state);
        }
        return state.normalised();
    }
}
