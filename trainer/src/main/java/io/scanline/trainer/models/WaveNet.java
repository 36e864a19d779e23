package io.scanline.trainer.models;

import io.scanline.bundle.v1.Offset;
import io.scanline.trainer.nn.ClassBias;
import io.scanline.trainer.nn.GatedUnit;
import io.scanline.trainer.nn.Linear;
import io.scanline.trainer.nn.Network;
import io.scanline.trainer.nn.OutputHead;
import io.scanline.trainer.nn.TapConvolution;
import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import io.scanline.trainer.ops.Taps;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * WaveNet (van den Oord et al. 2016, arXiv 1609.03499) on the values of an image in raster order: dilated causal
 * convolutions of kernel 2 over the sequence, with gated units
 *
 * <pre>  z = tanh(W_f * x + V_f y) . sigmoid(W_g * x + V_g y)      (Eq. 2 with the class y, section 2.5)</pre>
 *
 * whose output feeds the residual stream and, by skip connections from every block, the head of two 1 x 1 convolutions
 * (figure 4). A step needs one vector of every block from as many steps back as the block is dilated: state is a ring
 * for each block (Paine et al. 2016, "Fast Wavenet Generation Algorithm", arXiv 1611.09482).
 *
 * <p>Deviations from the paper:
 * <ul>
 *   <li>The first convolution has kernel 1: it sees the value before, as a look-up. Where the value before lies at the
 *       end of the line above, a table of its own is used.
 *   <li>The row and the column of a value are added as learned vectors: an image has lines, of which a sequence knows
 *     nothing.
 *   <li>Dilations are the recipe's, and may follow the lines of the image as well as powers of 2.
 *   <li>AdamW instead of Adam, and an average of the weights.
 * </ul>
 */
public final class WaveNet implements AutoregressiveNetwork {
    /**
     * Hyper-parameters.
     *
     * @param width of the residual stream
     * @param skip width of the skip connections and of the last hidden layer
     * @param dilations of the blocks, in positions
     * @param conditional whether the model knows the class of an image
     */
    public record Config(int width, int skip, List<Integer> dilations, boolean conditional) implements ModelConfig {
        @Override
        public void check() {
            ModelConfig.require(width >= 1 && skip >= 1, "width and skip of at least 1");
            ModelConfig.require(
                    dilations != null && !dilations.isEmpty() && dilations.stream().allMatch(dilation -> dilation >= 1),
                    "dilations of at least 1");
        }

        @Override
        public WaveNet network(ImageShape shape) {
            return new WaveNet(shape.conditional(conditional), this);
        }
    }

    private final ImageShape shape;
    private final int width;
    private final List<Block> blocks;
    private final OutputHead head;

    /**
     * A model of images of this shape, conditional if the shape has classes.
     *
     * @throws IllegalArgumentException when the images are wider than 65 columns, or a dilation reaches beyond them
     */
    public WaveNet(ImageShape shape, Config config) {
        ModelConfig.require(shape.width() - 1 <= Taps.FARTHEST, "images of at most 65 columns, not " + shape.width());
        ModelConfig.require(
                config.dilations().stream().allMatch(dilation -> dilation < shape.values()),
                "dilations below the number of values of an image, " + shape.values());
        this.shape = shape;
        this.width = config.width();
        int depth = config.dilations().size();
        this.blocks = IntStream.range(0, depth)
                .mapToObj(i -> new Block("block" + i, shape, config, config.dilations().get(i), i == depth - 1))
                .toList();
        this.head = new OutputHead("head", config.skip(), config.skip(), shape.levels());
    }

    @Override
    public ImageShape shape() {
        return shape;
    }

    /** The value before: to the left, or the last one of the row above. One of the two is always outside the image. */
    @Override
    public List<Offset> context() {
        return List.of(Taps.offset(-1, shape.width() - 1), Taps.offset(0, -1));
    }

    @Override
    public List<ParameterSpec> parameters() {
        Stream<ParameterSpec> tables = Stream.of(
                ParameterSpec.normal("context", 0.7, false, 2, shape.levels() + 1, width),
                ParameterSpec.normal("row", 0.3, false, shape.height(), width),
                ParameterSpec.normal("column", 0.3, false, shape.width(), width));
        return Stream.of(
                        tables,
                        blocks.stream().flatMap(block -> block.parameters().stream()),
                        head.parameters().stream())
                .flatMap(parameters -> parameters)
                .toList();
    }

    @Override
    public <T> T logits(Ops<T> ops, Seen<T> seen) {
        T row = ops.embed(ops.parameter("row"), ops.quotient(seen.position(), shape.width()));
        T column = ops.embed(ops.parameter("column"), ops.remainder(seen.position(), shape.width()));
        T state = ops.add(ops.embedSum(ops.parameter("context"), seen.shown()), ops.add(row, column)); // (B, S, width)
        Optional<T> skipped = Optional.empty();
        for (Block block : blocks) {
            T gated = block.gated(ops, state, seen.label());
            T skip = block.skip.apply(ops, gated);
            skipped = Optional.of(skipped.map(before -> ops.add(before, skip)).orElse(skip));
            state = block.last ? state : ops.add(state, block.residual.apply(ops, gated));
        }
        return head.apply(ops, skipped.orElseThrow());
    }

    /** A block of figure 4; nobody reads the residual output of the last one, which therefore has none. */
    private static final class Block implements Network {
        private final int width;
        private final boolean last;
        private final TapConvolution dilated;
        private final ClassBias classes;
        private final Linear residual;
        private final Linear skip;

        Block(String name, ImageShape shape, Config config, int dilation, boolean last) {
            this.width = config.width();
            this.last = last;
            Taps taps = new Taps.Lags(List.of(dilation), true);
            int depth = config.dilations().size();
            dilated = new TapConvolution(name + ".dilated", width, 2 * width, taps, Math.sqrt(1.0 / (2 * width)));
            classes = new ClassBias(name + ".class", shape.classes(), 2 * width);
            residual = new Linear(name + ".residual", width, width, Math.sqrt(2.0 / width / depth));
            skip = new Linear(name + ".skip", width, config.skip(), Math.sqrt(4.0 / width / depth));
        }

        @Override
        public List<ParameterSpec> parameters() {
            Stream<Network> parts =
                    last ? Stream.of(dilated, classes, skip) : Stream.of(dilated, classes, residual, skip);
            return parts.flatMap(part -> part.parameters().stream()).toList();
        }

        /** Eq. 2: (B, S, width) to (B, S, width). */
        <T> T gated(Ops<T> ops, T state, Optional<T> label) {
            return GatedUnit.apply(ops, classes.add(ops, dilated.apply(ops, state), label), width);
        }
    }
}
