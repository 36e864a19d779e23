package io.scanline.trainer.models;

import io.scanline.bundle.v1.Offset;
import io.scanline.trainer.models.ImageTransformer.Adaptation;
import io.scanline.trainer.models.ImageTransformer.InBlock;
import io.scanline.trainer.nn.Linear;
import io.scanline.trainer.nn.TextEncoder;
import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Text to image as a prior over the codes of a vector-quantised autoencoder (van den Oord, Vinyals and Kavukcuoglu 2017,
 * arXiv 1711.00937) given a text (Ramesh et al. 2021, "Zero-shot text-to-image generation", arXiv 2102.12092, section 2.2).
 * With z the grid of codes of an image and t its caption,
 *
 * <pre>
 *   log p(z | t) = sum_i log p(z_i | z_1 .. z_(i-1), t)        minimised: E_(x,t)[-log p(z(x) | t)]
 * </pre>
 *
 * <p>In training a share of the captions is replaced by the empty text, so that the same network is a model of codes without a
 * caption too, and codes can be drawn with classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598, equation 6 with
 * g = 1 + w): from the logits u + g (c - u), c given the caption and u given the empty text.
 *
 * <p>How a text gets to the codes: a causal text transformer reads it, and its normalised state at the text's end is projected,
 * once for an image, to all that the steps are shown of it. That is a vector at the input of every position, and for each of
 * the two parts of every block a scale s and a shift b of what was normalised, norm(h) s + b, the adaptive layer norm of
 * Peebles and Xie (2023, "Scalable diffusion models with transformers", arXiv 2212.09748, section 3.2).
 *
 * <p>Deviations from the papers:
 * <ul>
 *   <li>Ramesh et al. have text tokens and image tokens in one sequence, where codes attend to words. Here one vector stands
 *       for the text, so that a step costs the same however long the text is; a caption with many parts may lose some.
 *   <li>Their text tokens are predicted too, with an eighth of the weight; here they are only read.
 *   <li>No gates on residual branches as Peebles and Xie have, and s starts at 1 and b at 0 but for small random weights.
 *   <li>Full attention in all blocks. What {@link ImageTransformer} deviates in holds here too. Dropout (Srivastava et al.
 *       2014) of embeddings and residual branches, since captioned images are few.
 * </ul>
 */
public final class TextPrior implements AutoregressiveNetwork {
    private static final int FULL_ATTENTION = 0;
    /** What a text adds, before anything is learned, to states of variance 1. */
    private static final double FIRST_DEVIATION = 0.2;

    /** Of each block: before attention and before the MLP. */
    private static final int PARTS = 2;

    /**
     * Hyper-parameters.
     *
     * @param width d, of the residual stream
     * @param depth number of blocks
     * @param heads attention heads, a divisor of width
     * @param hidden width of the MLPs
     * @param reach rows and columns of the directly shown neighbourhood
     * @param text size of the text transformer; its vocabulary is the most ids that a tokenizer may have
     * @param dropout share of the numbers that training leaves out
     */
    public record Config(int width, int depth, int heads, int hidden, int reach, TextEncoder.Size text, double dropout)
            implements ModelConfig {
        @Override
        public void check() {
            transformer().check();
            ModelConfig.requireText(text);
            ModelConfig.require(dropout >= 0 && dropout < 1, "a dropout from 0 to below 1, not " + dropout);
        }

        @Override
        public boolean ofCodes() {
            return true;
        }

        @Override
        public boolean ofCaptions() {
            return true;
        }

        @Override
        public TextPrior network(ImageShape grid) {
            return new TextPrior(this, transformer().network(grid));
        }

        private ImageTransformer.Config transformer() {
            return new ImageTransformer.Config(width, depth, heads, hidden, reach, List.of(FULL_ATTENTION), null, false);
        }
    }

    private final Config config;
    private final ImageTransformer transformer;
    private final TextEncoder texts;
    private final Linear shift;
    private final Linear scale;

    private TextPrior(Config config, ImageTransformer transformer) {
        this.config = config;
        this.transformer = transformer;
        this.texts = new TextEncoder("text", config.text());
        int width = config.text().width();
        double deviation = FIRST_DEVIATION / Math.sqrt(width);
        int inBlocks = PARTS * config.depth() * config.width();
        this.shift = new Linear("condition.shift", width, config.width() + inBlocks, deviation);
        this.scale = new Linear("condition.scale", width, inBlocks, deviation);
    }

    /** Its hyper-parameters. */
    public Config config() {
        return config;
    }

    /** The grid of codes as an image of one channel, whose levels are the codes. */
    @Override
    public ImageShape shape() {
        return transformer.shape();
    }

    @Override
    public List<Offset> context() {
        return transformer.context();
    }

    @Override
    public int conditionWidth() {
        return shift.outputs() + scale.outputs();
    }

    @Override
    public List<ParameterSpec> parameters() {
        return Stream.of(transformer, texts, shift, scale)
                .flatMap(part -> part.parameters().stream())
                .toList();
    }

    /**
     * What the steps of images are shown of texts. Every state is projected twice: a product with a single row is summed in
     * another order than one with several, and a text's vector shall not depend on how many others are in its batch.
     *
     * @param tokens int64 (B, ids): the first ids of texts
     * @param ids of a row; the context of the text transformer unless all texts end before
     * @param lengths int64 (B): ids of a text, the last of which marks its end
     * @return (B, D): the shift at the input, those of every part of every block, and then the scales of these
     */
    public <T> T condition(Ops<T> ops, T tokens, int ids, T lengths) {
        T end = ops.last(texts.apply(ops, tokens, ids), lengths); // (B, width), normalised
        T twice = ops.reshape(ops.concatenate(List.of(end, end)), -1, 2, config.text().width());
        T scales = ops.add(scale.apply(ops, twice), ops.number(1));
        T projected = ops.concatenate(List.of(shift.apply(ops, twice), scales)); // (B, 2, D)
        return ops.reshape(ops.narrow(projected, 1, 0, 1), -1, conditionWidth());
    }

    @Override
    public <T> T logits(Ops<T> ops, Seen<T> seen) {
        int parts = PARTS * config.depth();
        T condition = ops.unsqueeze(seen.condition().orElseThrow(), 1); // (B, 1, D)
        List<T> pieces = ops.split(condition, 1 + 2 * parts, config.width());
        List<UnaryOperator<T>> adapted = IntStream.range(1, 1 + parts)
                .<UnaryOperator<T>>mapToObj(part -> {
                    T shifted = pieces.get(part);
                    T scaled = pieces.get(part + parts);
                    return x -> ops.add(ops.multiply(x, scaled), shifted);
                })
                .toList();
        List<InBlock<T>> blocks = IntStream.range(0, config.depth())
                .mapToObj(block -> new InBlock<>(adapted.get(PARTS * block), adapted.get(PARTS * block + 1)))
                .toList();
        return transformer.logits(ops, seen, Optional.of(new Adaptation<>(pieces.get(0), blocks)));
    }
}
