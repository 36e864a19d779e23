package io.scanline.trainer.models;

import io.scanline.bundle.v1.Offset;
import io.scanline.trainer.nn.ClassBias;
import io.scanline.trainer.nn.ConvolutionalLstm;
import io.scanline.trainer.nn.Linear;
import io.scanline.trainer.nn.Network;
import io.scanline.trainer.nn.OutputHead;
import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import io.scanline.trainer.ops.Recurrence.Sweep;
import io.scanline.trainer.ops.Taps;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * PixelRNN with Diagonal BiLSTM layers (van den Oord, Kalchbrenner and Kavukcuoglu 2016, "Pixel Recurrent Neural
 * Networks", arXiv 1601.06759, section 3.2): two LSTMs that go through the image from its upper corners, a diagonal i
 * at a time,
 *
 * <pre>
 *   [o_i, f_i, i_i, g_i] = sigma(K_ss * h_(i-1) + K_is * x_i)
 *   c_i = f_i . c_(i-1) + i_i . g_i
 *   h_i = o_i . tanh(c_i)                                          (Eq. 3)
 * </pre>
 *
 * where sigma is tanh for g and the logistic function for the gates. Rows are skewed, each by one column against the
 * one above, so that a diagonal is a column (figure 3): K_is is a 1 x 1 convolution, K_ss a column-wise one of kernel 2
 * that sees the left and the upper neighbour, and c_(i-1) is that of the left neighbour. The other direction is the
 * mirror image; what it gives is shifted down by one row, so that no value sees those to its right, and added.
 *
 * <p>The first layer is a convolution with mask A. Every layer takes the 2h features of a position to h, which a 1 x 1
 * convolution brings back to 2h and adds to its input (section 3.3, figure 5, right); two 1 x 1 convolutions end the
 * network.
 *
 * <p>While an image is drawn, the direction to the right goes on position by position. The direction to the left waits
 * until a row is complete and then goes through it, in all layers, before the first step of the next row: nothing else
 * reads it.
 *
 * <p>Deviations from the paper:
 * <ul>
 *   <li>The first convolution sees levels as one-hot codes, and so is a sum of look-ups. A neighbour outside the image
 *       has a code of its own; layers above see zeros there.
 *   <li>The first convolution sees the rest of the row above to the right as well. No position sees its own value,
 *       hence the direction to the left never meets the last value of the row above, which the paper's masks leave
 *       unseen by all positions that are farther away from it than the first kernel reaches.
 *   <li>K_ss has no bias beside that of K_is.
 *   <li>Sizes are the recipe's, not those of table 1, and one channel is modelled, so that no channel mask is needed.
 *   <li>There are no skip connections to the output.
 *   <li>Where the recipe says so, every layer adds a vector of the image's class to what its LSTMs are given.
 *   <li>AdamW instead of RMSProp, and an average of the weights.
 * </ul>
 */
public final class DiagonalBiLstm implements AutoregressiveNetwork {
    /**
     * Hyper-parameters.
     *
     * @param width h: the residual stream is 2h wide
     * @param depth number of BiLSTM layers
     * @param reach rows and columns that the first convolution sees: its kernel is 2 reach + 1 wide and high
     * @param head width of the last hidden layer
     * @param conditional whether the model knows the class of an image
     */
    public record Config(int width, int depth, int reach, int head, boolean conditional) implements ModelConfig {
        @Override
        public void check() {
            ModelConfig.require(
                    width >= 1 && depth >= 1 && reach >= 1 && head >= 1, "width, depth, reach and head of at least 1");
        }

        @Override
        public DiagonalBiLstm network(ImageShape shape) {
            return new DiagonalBiLstm(shape.conditional(conditional), this);
        }
    }

    private static final int FARTHEST_COLUMN = 64; // of an offset in a bundle

    private final ImageShape shape;
    private final int width;
    private final List<Offset> context;
    private final List<Layer> layers;
    private final OutputHead head;

    /**
     * A model of images of this shape, conditional if the shape has classes.
     *
     * @throws IllegalArgumentException when the images are wider than 65 columns
     */
    public DiagonalBiLstm(ImageShape shape, Config config) {
        if (shape.width() - 1 > FARTHEST_COLUMN) {
            throw new IllegalArgumentException("images of at most 65 columns, not " + shape.width());
        }
        this.shape = shape;
        this.width = config.width();
        this.context = new ArrayList<>(Taps.before(config.reach(), config.reach()));
        IntStream.range(config.reach() + 1, shape.width()).forEach(column -> context.add(Taps.offset(-1, column)));
        this.layers = IntStream.range(0, config.depth())
                .mapToObj(i -> new Layer("layer" + i, shape, config))
                .toList();
        this.head = new OutputHead("head", 2 * width, config.head(), shape.levels());
    }

    @Override
    public ImageShape shape() {
        return shape;
    }

    @Override
    public List<Offset> context() {
        return List.copyOf(context);
    }

    @Override
    public List<ParameterSpec> parameters() {
        ParameterSpec tables = ParameterSpec.normal(
                "context", 1 / Math.sqrt(context.size()), false, context.size(), shape.levels() + 1, 2L * width);
        return Stream.of(
                        Stream.of(tables),
                        layers.stream().flatMap(layer -> layer.parameters().stream()),
                        head.parameters().stream())
                .flatMap(parameters -> parameters)
                .toList();
    }

    @Override
    public <T> T logits(Ops<T> ops, Seen<T> seen) {
        T state = ops.embedSum(ops.parameter("context"), seen.shown()); // mask A: (B, S, 2h)
        for (Layer layer : layers) {
            state = ops.add(state, layer.apply(ops, state, seen.label()));
        }
        return head.apply(ops, state);
    }

    /** The branch of a residual connection, figure 5 (right). */
    private static final class Layer implements Network {
        private final ClassBias classes;
        private final ConvolutionalLstm toTheRight;
        private final ConvolutionalLstm toTheLeft;
        private final Linear up;

        Layer(String name, ImageShape shape, Config config) {
            int h = config.width();
            classes = new ClassBias(name + ".class", shape.classes(), 2 * h);
            toTheRight = direction(name + ".to_the_right", shape, h, Sweep.TO_THE_RIGHT, Taps.offset(0, -1));
            toTheLeft = direction(name + ".to_the_left", shape, h, Sweep.TO_THE_LEFT, Taps.offset(0, 1));
            up = new Linear(name + ".up", h, 2 * h, Math.sqrt(2.0 / h / config.depth())); // h is small at the start
        }

        private static ConvolutionalLstm direction(String name, ImageShape shape, int h, Sweep sweep, Offset behind) {
            return new ConvolutionalLstm(
                    name,
                    2 * h,
                    h,
                    sweep,
                    new Taps.Neighbours(shape.width(), List.of(), true), // 1 x 1
                    List.of(behind, Taps.offset(-1, 0)),
                    behind);
        }

        @Override
        public List<ParameterSpec> parameters() {
            return Stream.of(classes, toTheRight, toTheLeft, up)
                    .flatMap(part -> part.parameters().stream())
                    .toList();
        }

        /** (B, S, 2h) to (B, S, 2h). */
        <T> T apply(Ops<T> ops, T state, Optional<T> label) {
            T x = classes.add(ops, state, label);
            return up.apply(ops, ops.add(ops.recur(x, toTheRight), ops.recur(x, toTheLeft)));
        }
    }
}
