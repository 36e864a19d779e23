package io.scanline.trainer.models;

import io.scanline.bundle.v1.Offset;
import io.scanline.trainer.nn.ClassBias;
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
 * PixelCNN (van den Oord, Kalchbrenner and Kavukcuoglu 2016, "Pixel Recurrent Neural Networks", arXiv 1601.06759):
 * masked convolutions over the values decided so far,
 *
 * <pre>  p(x) = prod_i p(x_i | x_1 .. x_(i-1))      (Eq. 1)</pre>
 *
 * with a categorical distribution over the levels of every value (section 3.1). The first convolution has mask A: it
 * does not see its own position. Residual blocks of ReLU, 1 x 1 convolution 2h to h, ReLU, 3 x 3 convolution with mask
 * B, ReLU, 1 x 1 convolution h to 2h follow (figure 5, table 1), then two 1 x 1 convolutions.
 *
 * <p>Its receptive field has a blind spot to the upper right, as in the paper: no path of masked 3 x 3 convolutions
 * climbs to the right by more than one column a row. {@link GatedPixelCnn} has none.
 *
 * <p>Deviations from the paper:
 * <ul>
 *   <li>The first convolution sees levels as one-hot codes, and so is a sum of look-ups. A neighbour outside the image
 *       has a code of its own, so that the network knows where the image ends; later convolutions see zeros there.
 *   <li>Sizes are the recipe's, not those of table 1, and one channel is modelled, so that no channel mask is needed.
 *   <li>Where the recipe says so, every block adds a vector of the image's class to its masked convolution, as later
 *       work does (van den Oord et al. 2016, arXiv 1606.05328, Eq. 4).
 *   <li>AdamW instead of RMSProp, and an average of the weights.
 * </ul>
 */
public final class PixelCnn implements AutoregressiveNetwork {
    /**
     * Hyper-parameters.
     *
     * @param width h: the residual stream is 2h wide
     * @param depth number of residual blocks
     * @param reach rows and columns that the first convolution sees: its kernel is 2 reach + 1 wide and high
     * @param head width of the last hidden layer
     * @param conditional whether the model knows the class of an image
     */
    public record Config(int width, int depth, int reach, int head, boolean conditional) implements ModelConfig {
        @Override
        public void check() {
            ModelConfig.require(
                    width >= 1 && depth >= 1 && head >= 1, "width, depth and head of at least 1");
            ModelConfig.require(reach >= 1 && reach <= Taps.FARTHEST, "a reach from 1 to " + Taps.FARTHEST);
        }

        @Override
        public PixelCnn network(ImageShape shape) {
            return new PixelCnn(shape.conditional(conditional), this);
        }
    }

    private final ImageShape shape;
    private final int width;
    private final List<Offset> context;
    private final List<Block> blocks;
    private final OutputHead head;

    /** A model of images of this shape, conditional if the shape has classes. */
    public PixelCnn(ImageShape shape, Config config) {
        this.shape = shape;
        this.width = config.width();
        this.context = Taps.before(config.reach(), config.reach());
        this.blocks = IntStream.range(0, config.depth())
                .mapToObj(i -> new Block("block" + i, shape, config))
                .toList();
        this.head = new OutputHead("head", 2 * width, config.head(), shape.levels());
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
        ParameterSpec tables = ParameterSpec.normal(
                "context", 1 / Math.sqrt(context.size()), false, context.size(), shape.levels() + 1, 2L * width);
        return Stream.of(
                        Stream.of(tables),
                        blocks.stream().flatMap(block -> block.parameters().stream()),
                        head.parameters().stream())
                .flatMap(parameters -> parameters)
                .toList();
    }

    @Override
    public <T> T logits(Ops<T> ops, Seen<T> seen) {
        T state = ops.embedSum(ops.parameter("context"), seen.shown()); // mask A: (B, S, 2h)
        for (Block block : blocks) {
            state = ops.add(state, block.apply(ops, state, seen.label()));
        }
        return head.apply(ops, state);
    }

    /** The branch of a residual block, figure 5 (left). */
    private static final class Block implements Network {
        private final Linear down;
        private final TapConvolution masked;
        private final ClassBias classes;
        private final Linear up;

        Block(String name, ImageShape shape, Config config) {
            int h = config.width();
            Taps maskB = new Taps.Neighbours(shape.width(), Taps.before(1, 1), true);
            down = new Linear(name + ".down", 2 * h, h, Math.sqrt(1.0 / h));
            masked = new TapConvolution(name + ".masked", h, h, maskB, Math.sqrt(2.0 / (maskB.count() * h)));
            classes = new ClassBias(name + ".class", shape.classes(), h);
            up = new Linear(name + ".up", h, 2 * h, Math.sqrt(2.0 / h / config.depth()));
        }

        @Override
        public List<ParameterSpec> parameters() {
            return Stream.of(down, masked, classes, up).flatMap(part -> part.parameters().stream()).toList();
        }

        /** (B, S, 2h) to (B, S, 2h). */
        <T> T apply(Ops<T> ops, T state, Optional<T> label) {
            T narrow = ops.relu(down.apply(ops, ops.relu(state)));
            return up.apply(ops, ops.relu(classes.add(ops, masked.apply(ops, narrow), label)));
        }
    }
}
