package io.scanline.trainer.models;

import io.scanline.bundle.v1.Offset;
import io.scanline.trainer.nn.Attention;
import io.scanline.trainer.nn.LayerNorm;
import io.scanline.trainer.nn.Linear;
import io.scanline.trainer.nn.TransformerBlock;
import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.Ops.Normalised;
import io.scanline.trainer.ops.ParameterSpec;
import io.scanline.trainer.ops.Taps;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Image Transformer (Parmar, Vaswani, Uszkoreit, Kaiser, Shazeer, Ku and Tran 2018, arXiv 1802.05751): a causal
 * transformer over the values of an image in raster order,
 *
 * <pre>  log p(x | y) = sum_i log p(x_i | x_1 .. x_(i-1), y)      (Eq. 1 with a class y)</pre>
 *
 * with a categorical distribution over the levels of every value (section 3, "categorical").
 *
 * <p>Deviations from the paper:
 * <ul>
 *   <li>A position is shown not one value, its predecessor, but all values within {@code reach} rows and columns that
 *       come before it, each through a table of its own, summed: a masked first convolution as in PixelCNN (van den
 *       Oord et al. 2016), written as a look-up. It gives the model at the start what a counted neighbourhood knows.
 *   <li>Local attention slides (every query sees exactly the {@code window} positions up to itself) instead of the
 *       paper's fixed query and memory blocks (section 3.2.1): no position sees less than another, and a cached step
 *       needs no block boundaries. A window of 0 is full attention; windows alternate over the blocks as the recipe
 *       says.
 *   <li>2D local attention (section 3) slides likewise: a query sees the positions before it in a rectangle around
 *       it. The paper generates query block after query block; here the order is raster order whatever the rectangle,
 *       so that streams and prefixes mean the same for every model.
 *   <li>Normalisation before each part instead of after it, GELU instead of ReLU (Radford et al. 2019), learned row and
 *       column embeddings instead of sinusoids, no dropout: the recipes stop long before they could overfit.
 * </ul>
 */
public final class ImageTransformer implements AutoregressiveNetwork {
    /**
     * Hyper-parameters.
     *
     * @param width d, of the residual stream
     * @param depth number of blocks
     * @param heads attention heads, a divisor of width
     * @param hidden width of the MLPs
     * @param reach rows and columns of the directly shown neighbourhood
     * @param windows attention window of block i is windows[i mod length]; 0: full attention
     * @param neighbourhood the rectangle that the attention of all blocks is local to, instead of windows
     * @param conditional whether the model knows the class of an image; null: it does
     */
    public record Config(
            int width,
            int depth,
            int heads,
            int hidden,
            int reach,
            List<Integer> windows,
            Neighbourhood neighbourhood,
            Boolean conditional)
            implements ModelConfig {
        @Override
        public void check() {
            ModelConfig.require(width >= 1 && depth >= 1 && hidden >= 1, "width, depth and hidden of at least 1");
            ModelConfig.require(
                    heads >= 1 && width % heads == 0, "a width, " + width + ", that is a multiple of heads, " + heads);
            ModelConfig.require(reach >= 1, "a reach of at least 1");
            // A step carries all keys and values in a cache, or those of neighbours in memories: bundles allow no mixture.
            ModelConfig.require(
                    (windows == null) != (neighbourhood == null),
                    "windows, or a neighbourhood for all blocks, and not both");
            ModelConfig.require(
                    windows == null
                            || !windows.isEmpty() && windows.stream().allMatch(window -> window != null && window >= 0),
                    "windows of 0 or more");
            if (neighbourhood != null) {
                neighbourhood.check();
            }
        }

        /** What block {@code block} attends to, in images of this shape. */
        private Attention attention(int block, ImageShape shape) {
            return neighbourhood == null
                    ? new Attention.Last(windows.get(block % windows.size()))
                    : new Attention.Nearby(neighbourhood.of(shape));
        }

        @Override
        public ImageTransformer network(ImageShape shape) {
            return new ImageTransformer(shape.conditional(conditional == null || conditional), this);
        }
    }

    /**
     * 2D local attention: the own position, {@code columns} to the left of it, and {@code columns} to either side in
     * each of the {@code rows} above.
     *
     * @param rows above
     * @param columns to either side
     */
    public record Neighbourhood(int rows, int columns) {
        private static final int MOST = 256; // that a step may read of a memory

        private void check() {
            ModelConfig.require(
                    Math.min(rows, columns) >= 1 && Math.max(rows, columns) <= Taps.FARTHEST,
                    "a neighbourhood of 1 to " + Taps.FARTHEST + " rows and columns");
            int positions = Taps.before(rows, columns).size();
            ModelConfig.require(
                    positions <= MOST,
                    "a neighbourhood of at most " + MOST + " positions, not " + positions + ": fewer rows or columns");
        }

        private Taps.Neighbours of(ImageShape shape) {
            return new Taps.Neighbours(shape.width(), Taps.before(rows, columns), true);
        }
    }

    private final ImageShape shape;
    private final Config config;
    private final List<Offset> context;
    private final LayerNorm firstNorm;
    private final List<TransformerBlock> blocks;
    private final Linear head;

    /** A model of images of this shape. */
    public ImageTransformer(ImageShape shape, Config config) {
        this.shape = shape;
        this.config = config;
        this.context = Taps.before(config.reach(), config.reach());
        this.firstNorm = new LayerNorm("norm", config.width());
        this.blocks = IntStream.range(0, config.depth())
                .mapToObj(i -> new TransformerBlock(
                        "block" + i,
                        config.width(),
                        config.heads(),
                        config.attention(i, shape),
                        config.hidden(),
                        config.depth()))
                .toList();
        this.head = new Linear("head", config.width(), shape.levels(), 0.1 / Math.sqrt(config.width()));
    }

    @Override
    public ImageShape shape() {
        return shape;
    }

    @Override
    public List<Offset> context() {
        return context;
    }

    @Override
    public List<ParameterSpec> parameters() {
        int width = config.width();
        double deviation = 1 / Math.sqrt(context.size());
        Stream<ParameterSpec> tables = Stream.of(
                ParameterSpec.normal("context", deviation, false, context.size(), shape.levels() + 1, width),
                ParameterSpec.normal("row", 0.3, false, shape.height(), width),
                ParameterSpec.normal("column", 0.3, false, shape.width(), width));
        return Stream.of(
                        tables,
                        shape.hasClasses()
                                ? Stream.of(ParameterSpec.normal("class", 0.3, false, shape.classes(), width))
                                : Stream.<ParameterSpec>empty(),
                        firstNorm.parameters().stream(),
                        blocks.stream().flatMap(block -> block.parameters().stream()),
                        head.parameters().stream())
                .flatMap(parameters -> parameters)
                .toList();
    }

    /**
     * What every position is shown of something else than values and a class.
     *
     * @param everywhere (B, 1, d): added to what a position is made of
     * @param blocks what is done in every block
     */
    record Adaptation<T>(T everywhere, List<InBlock<T>> blocks) {}

    /**
     * What is done in a block.
     *
     * @param beforeAttention to what attention is given, (B, S, d)
     * @param beforeMlp to what the MLP is given, (B, S, d)
     */
    record InBlock<T>(UnaryOperator<T> beforeAttention, UnaryOperator<T> beforeMlp) {}

    @Override
    public <T> T logits(Ops<T> ops, Seen<T> seen) {
        return logits(ops, seen, Optional.empty());
    }

    /** Logits of the values at given positions, with or without something else that they are shown. */
    <T> T logits(Ops<T> ops, Seen<T> seen, Optional<Adaptation<T>> adaptation) {
        T neighbours = ops.embedSum(ops.parameter("context"), seen.shown()); // (B, S, d)
        T row = ops.embed(ops.parameter("row"), ops.quotient(seen.position(), shape.width()));
        T column = ops.embed(ops.parameter("column"), ops.remainder(seen.position(), shape.width()));
        T place = ops.add(row, column); // (B, S, d)
        if (seen.label().isPresent()) {
            place = ops.add(place, ops.unsqueeze(ops.embed(ops.parameter("class"), seen.label().get()), 1));
        }
        if (adaptation.isPresent()) {
            place = ops.add(place, adaptation.get().everywhere());
        }
        Normalised<T> state = firstNorm.apply(ops, ops.dropout(neighbours), place);
        for (int block = 0; block < blocks.size(); block++) {
            if (adaptation.isPresent()) {
                InBlock<T> adapted = adaptation.get().blocks().get(block);
                state = blocks.get(block).apply(ops, state, adapted.beforeAttention(), adapted.beforeMlp());
            } else {
                state = blocks.get(block).apply(ops, state);
            }
        }
        return head.apply(ops, state.normalised());
    }
}
