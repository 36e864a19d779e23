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
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * PixelRNN with Row LSTM layers (van den Oord, Kalchbrenner and Kavukcuoglu 2016, "Pixel Recurrent Neural Networks",
 * arXiv 1601.06759, section 3.1): an LSTM that goes through the image row by row from the top, a whole row i at a time,
 *
 * <pre>
 *   [o_i, f_i, i_i, g_i] = sigma(K_ss * h_(i-1) + K_is * x_i)
 *   c_i = f_i . c_(i-1) + i_i . g_i
 *   h_i = o_i . tanh(c_i)                                          (Eq. 3)
 * </pre>
 *
 * where sigma is tanh for g and the logistic function for the gates. K_is is a masked convolution along the row, so
 * that a position sees itself and its left neighbour; K_ss, of kernel 3, sees the three positions above. The context of
 * a position is thus a triangle above it (figure 4, middle): it widens to the right by one column a row.
 *
 * <p>The first layer is a convolution with mask A. Every LSTM layer takes the 2h features of a position to h, which a
 * 1 x 1 convolution brings back to 2h and adds to its input (section 3.3, figure 5, right); two 1 x 1 convolutions end
 * the network. While an image is drawn, a position reads h of three positions above it and c of one: a step costs the
 * same everywhere.
 *
 * <p>Deviations from the paper:
 * <ul>
 *   <li>The first convolution sees levels as one-hot codes, and so is a sum of look-ups. A neighbour outside the image
 *       has a code of its own; layers above see zeros there.
 *   <li>K_ss has no bias beside that of K_is.
 *   <li>Sizes are the recipe's, not those of table 1, and one channel is modelled, so that no channel mask is needed.
 *   <li>There are no skip connections to the output.
 *   <li>Where the recipe says so, every layer adds a vector of the image's class to what its LSTM is given.
 *   <li>AdamW instead of RMSProp, and an average of the weights.
 * </ul>
 */
public final class RowLstm implements AutoregressiveNetwork {
    /**
     * Hyper-parameters.
     *
     * @param width h: the residual stream is 2h wide
     * @param depth number of LSTM layers
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
        public RowLstm network(ImageShape shape) {
            return new RowLstm(shape.conditional(conditional), this);
        }
    }

    private final ImageShape shape;
    private final int width;
    private final List<Offset> context;
    private final List<Layer> layers;
    private final OutputHead head;

    /** A model of images of this shape, conditional if the shape has classes. */
    public RowLstm(ImageShape shape, Config config) {
        this.shape = shape;
        this.width = config.width();
        this.context = Taps.before(config.reach(), config.reach());
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
        return context;
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
        private final ConvolutionalLstm lstm;
        private final Linear up;

        Layer(String name, ImageShape shape, Config config) {
            int h = config.width();
            classes = new ClassBias(name + ".class", shape.classes(), 2 * h);
            lstm = new ConvolutionalLstm(
                    name + ".lstm",
                    2 * h,
                    h,
                    Sweep.DOWN,
                    new Taps.Neighbours(shape.width(), List.of(Taps.offset(0, -1)), true), // mask B
                    Taps.above(1, 1),
                    Taps.offset(-1, 0));
            up = new Linear(name + ".up", h, 2 * h, Math.sqrt(4.0 / h / config.depth())); // h is small at the start
        }

        @Override
        public List<ParameterSpec> parameters() {
            return Stream.of(classes, lstm, up).flatMap(part -> part.parameters().stream()).toList();
        }

        /** (B, S, 2h) to (B, S, 2h). */
        <T> T apply(Ops<T> ops, T state, Optional<T> label) {
            return up.apply(ops, ops.recur(classes.add(ops, state, label), lstm));
        }
    }
}
