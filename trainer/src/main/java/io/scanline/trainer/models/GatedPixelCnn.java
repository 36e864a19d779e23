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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Gated PixelCNN (van den Oord, Kalchbrenner, Vinyals, Espeholt, Graves and Kavukcuoglu 2016, "Conditional Image
 * Generation with PixelCNN Decoders", arXiv 1606.05328): convolutions with gated units
 *
 * <pre>  y = tanh(W_f * x + V_f h) . sigmoid(W_g * x + V_g h)      (Eq. 2, and Eq. 4 with a class h)</pre>
 *
 * in two stacks. The vertical stack sees all rows above, without masks and so without a blind spot; the horizontal
 * stack sees the row so far, and at every layer what the vertical stack has made of the rows above, through a 1 x 1
 * convolution; it alone has residual connections (figure 2).
 *
 * <p>While an image is drawn, the vertical stack is computed once for every row: its convolutions look to the right in
 * their own row, over features that depend on the rows above only.
 *
 * <p>Deviations from the paper:
 * <ul>
 *   <li>The first layer sees levels as one-hot codes, and so is a sum of look-ups, with codes of their own for
 *       neighbours outside the image.
 *   <li>The vertical stack is not shifted down before it feeds the horizontal one: its first layer starts in the row
 *       above, so that its features are of the rows above from the start.
 *   <li>Sizes are the recipe's; kernels after the first layer are 3 wide; one channel is modelled.
 *   <li>AdamW instead of RMSProp, and an average of the weights.
 * </ul>
 */
public final class GatedPixelCnn implements AutoregressiveNetwork {
    /**
     * Hyper-parameters.
     *
     * @param width p, of both stacks
     * @param depth number of layers, at least 2
     * @param reach rows and columns that the first layer sees
     * @param head width of the last hidden layer
     * @param conditional whether the model knows the class of an image
     */
    public record Config(int width, int depth, int reach, int head, boolean conditional) implements ModelConfig {
        @Override
        public void check() {
            ModelConfig.require(width >= 1 && head >= 1, "width and head of at least 1");
            ModelConfig.require(reach >= 1 && reach <= Taps.FARTHEST, "a reach from 1 to " + Taps.FARTHEST);
            ModelConfig.require(depth >= 2, "a depth of at least 2");
        }

        @Override
        public GatedPixelCnn network(ImageShape shape) {
            return new GatedPixelCnn(shape.conditional(conditional), this);
        }
    }

    private final ImageShape shape;
    private final Config config;
    private final List<Offset> context;
    private final VerticalStack vertical;
    private final List<HorizontalLayer> horizontal;
    private final OutputHead head;

    /** A model of images of this shape, conditional if the shape has classes. */
    public GatedPixelCnn(ImageShape shape, Config config) {
        this.shape = shape;
        this.config = config;
        this.context = IntStream.range(-config.reach(), 0).mapToObj(column -> Taps.offset(0, column)).toList();
        this.vertical = new VerticalStack(shape, config);
        this.horizontal = IntStream.range(0, config.depth())
                .mapToObj(layer -> new HorizontalLayer(layer, shape, config))
                .toList();
        this.head = new OutputHead("head", config.width(), config.head(), shape.levels());
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
    public Optional<RowsAbove> rowsAbove() {
        return Optional.of(vertical);
    }

    @Override
    public List<ParameterSpec> parameters() {
        ParameterSpec tables = ParameterSpec.normal(
                "horizontal.context",
                Math.sqrt(0.5 / context.size()),
                false,
                context.size(),
                shape.levels() + 1,
                2L * config.width());
        return Stream.of(
                        vertical.parameters().stream(),
                        Stream.of(tables),
                        horizontal.stream().flatMap(layer -> layer.parameters().stream()),
                        head.parameters().stream())
                .flatMap(parameters -> parameters)
                .toList();
    }

    @Override
    public <T> T logits(Ops<T> ops, Seen<T> seen) {
        List<T> above = ops.split(seen.features().orElseThrow(), config.depth(), 2 * config.width());
        T first = ops.embedSum(ops.parameter("horizontal.context"), seen.shown()); // mask A: (B, S, 2p)
        T state = horizontal.get(0).apply(ops, first, above.get(0), seen.label());
        for (int layer = 1; layer < config.depth(); layer++) {
            HorizontalLayer part = horizontal.get(layer);
            T convolved = part.maskB.apply(ops, state);
            state = ops.add(state, part.apply(ops, convolved, above.get(layer), seen.label()));
        }
        return head.apply(ops, state);
    }

    /** A layer of the horizontal stack; the first one's convolution is the look-up. */
    private static final class HorizontalLayer implements Network {
        private final int width;
        private final int layer;
        private final TapConvolution maskB;
        private final ClassBias classes;
        private final Linear projection;

        HorizontalLayer(int layer, ImageShape shape, Config config) {
            this.width = config.width();
            this.layer = layer;
            String name = "horizontal" + layer;
            Taps taps = new Taps.Neighbours(shape.width(), List.of(Taps.offset(0, -1)), true);
            maskB = new TapConvolution(name + ".masked", width, 2 * width, taps, Math.sqrt(0.5 / width));
            classes = new ClassBias(name + ".class", shape.classes(), 2 * width);
            projection = new Linear(
                    name + ".projection", width, width, Math.sqrt(4.0 / width / (layer == 0 ? 1 : config.depth())));
        }

        @Override
        public List<ParameterSpec> parameters() {
            Stream<Network> parts =
                    layer == 0 ? Stream.of(classes, projection) : Stream.of(maskB, classes, projection);
            return parts.flatMap(part -> part.parameters().stream()).toList();
        }

        /** Eq. 4 and a 1 x 1 convolution: from the convolution's and the upper rows' share, (B, S, 2p), to (B, S, p). */
        <T> T apply(Ops<T> ops, T convolved, T above, Optional<T> label) {
            T gated = GatedUnit.apply(ops, classes.add(ops, ops.add(convolved, above), label), width);
            return projection.apply(ops, gated);
        }
    }

    /** The stack of the rows above, and what every layer of the horizontal stack is given of it: (B, S, 2p depth). */
    private static final class VerticalStack implements RowsAbove, Network {
        private final ImageShape shape;
        private final Config config;
        private final List<Offset> context;
        private final List<TapConvolution> convolutions; // of layers 1, 2, ..
        private final List<ClassBias> classes; // of all layers but the last
        private final List<Linear> toHorizontal;

        VerticalStack(ImageShape shape, Config config) {
            this.shape = shape;
            this.config = config;
            this.context = Taps.above(config.reach(), config.reach());
            int width = config.width();
            List<Offset> offsets = new ArrayList<>(Taps.above(1, 1));
            offsets.add(Taps.offset(0, -1));
            offsets.add(Taps.offset(0, 1)); // known too: the features of a row are of the rows above it
            Taps taps = new Taps.Neighbours(shape.width(), offsets, true);
            double deviation = Math.sqrt(3.0 / (taps.count() * width)); // gated features have a variance of about 0.1
            convolutions = IntStream.range(1, config.depth())
                    .mapToObj(layer ->
                            new TapConvolution("vertical" + layer + ".convolution", width, 2 * width, taps, deviation))
                    .toList();
            classes = IntStream.range(0, config.depth() - 1)
                    .mapToObj(layer -> new ClassBias("vertical" + layer + ".class", shape.classes(), 2 * width))
                    .toList();
            toHorizontal = IntStream.range(0, config.depth())
                    .mapToObj(layer -> new Linear(
                            "vertical" + layer + ".to_horizontal", 2 * width, 2 * width, Math.sqrt(0.25 / width)))
                    .toList();
        }

        @Override
        public List<Offset> context() {
            return context;
        }

        @Override
        public int features() {
            return 2 * config.width() * config.depth();
        }

        @Override
        public List<ParameterSpec> parameters() {
            ParameterSpec tables = ParameterSpec.normal(
                    "vertical.context",
                    1 / Math.sqrt(context.size()),
                    false,
                    context.size(),
                    shape.levels() + 1,
                    2L * config.width());
            return Stream.concat(
                            Stream.of(tables),
                            Stream.of(convolutions, classes, toHorizontal)
                                    .flatMap(List::stream)
                                    .flatMap(part -> part.parameters().stream()))
                    .toList();
        }

        @Override
        public <T> T apply(Ops<T> ops, T shown, Optional<T> label) {
            T convolved = ops.embedSum(ops.parameter("vertical.context"), shown); // (B, S, 2p)
            List<T> features = new ArrayList<>(List.of(toHorizontal.get(0).apply(ops, convolved)));
            for (int layer = 1; layer < config.depth(); layer++) {
                T gated = GatedUnit.apply(ops, classes.get(layer - 1).add(ops, convolved, label), config.width());
                convolved = convolutions.get(layer - 1).apply(ops, gated);
                features.add(toHorizontal.get(layer).apply(ops, convolved));
            }
            return ops.concatenate(features);
        }
    }
}
