package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.Ops.Normalised;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A transformer over the patches of an image, as in a Vision Transformer (Dosovitskiy et al. 2021, equations 1 to 4):
 *
 * <pre>
 *  z_0 = [x_class; x_1 E; ..; x_N E] + E_pos
 *  z'_l = z_(l-1) + attention(norm(z_(l-1)))
 *  z_l = z'_l + mlp(norm(z'_l))
 *  y = norm(z_L)
 * </pre>
 *
 * <p>The patches come row by row from the top, left to right; a patch's values channel by channel, each row by row. With a
 * {@link ConvolutionalStem} or {@link OrientedGradients} x is what those make of the image, and patches are as much smaller. With the
 * latter the class token becomes
 *
 * <pre>  y_class = [x_1; ..; x_N] W + 0.1 norm(z_L)_class</pre>
 *
 * <p>since a linear map of all gradients knows a drawing in another style better than what blocks make of them.
 */
public final class PatchEncoder implements Network {
    private static final double SMALL = 0.02; // of tables, as in the paper's code

    private static final int ALPHA = 3;
    private static final float ADDED = 0.1f; // of what blocks make of a class token

    private final String name;
    private final boolean premultiply;
    private final Optional<Framing> framing;
    private final Optional<OrientedGradients> gradients;
    private final ConvolutionalStem stem;
    private final Planes image;
    private final int patch;
    private final int width;
    private final Linear patches;
    private final Optional<Linear> overview;
    private final LayerNorm firstNorm;
    private final List<TransformerBlock> blocks;

    /**
     * How large it is.
     *
     * @param patch edge of a patch, a divisor of the image's edges
     * @param width d
     * @param depth blocks
     * @param heads attention heads, a divisor of width
     * @param hidden width of the MLPs
     * @param stem channels of convolutions that come before, each of which halves the edges; absent: none
     * @param premultiply whether colours count by alpha, the last of four channels: what is transparent has a colour too, which
     *     says nothing; absent: no
     * @param frame how what is shown is brought to one place and size; see {@link Framing}; absent: it stays where it is
     * @param gradients directions of {@link OrientedGradients}, which come before the patches in the place of convolutions; absent:
     *     none
     */
    public record Size(
            int patch,
            int width,
            int depth,
            int heads,
            int hidden,
            List<Integer> stem,
            Boolean premultiply,
            Framing.Frame frame,
            Integer gradients) {
        /** Copies the list. */
        public Size {
            stem = stem == null ? List.of() : List.copyOf(stem);
            premultiply = Boolean.TRUE.equals(premultiply);
        }

        /** One that cuts patches out of the image itself. */
        public Size(int patch, int width, int depth, int heads, int hidden) {
            this(patch, width, depth, heads, hidden, List.of(), false, null, null);
        }

        /** Whether convolutions halve what is cut into patches, and no more than that. */
        public boolean stemFits() {
            return stem.stream().allMatch(channels -> channels >= 1) && patch % (1 << stem.size()) == 0;
        }
    }

    /** For images of this size; {@code name} is the prefix of its parameters. */
    public PatchEncoder(String name, Planes image, Size size) {
        this.name = name;
        this.premultiply = size.premultiply();
        this.framing = Optional.ofNullable(size.frame()).map(frame -> new Framing(image, frame));
        this.stem = new ConvolutionalStem(name + ".stem", image, size.stem());
        this.gradients = Optional.ofNullable(size.gradients()).map(directions -> new OrientedGradients(image, directions));
        this.image = gradients.map(OrientedGradients::planes).orElse(stem.planes());
        this.patch = size.patch() * this.image.height() / image.height();
        this.width = size.width();
        int values = this.image.channels() * patch * patch;
        this.patches = new Linear(name + ".patches", values, size.width(), 1 / Math.sqrt(values));
        this.overview = gradients.map(directions -> new Linear(
                name + ".overview", count() * values, size.width(), 1 / Math.sqrt((double) count() * values)));
        this.firstNorm = new LayerNorm(name + ".norm", size.width());
        this.blocks = IntStream.range(0, size.depth())
                .mapToObj(block -> new TransformerBlock(
                        name + ".block" + block,
                        size.width(),
                        size.heads(),
                        new Attention.Mutual(),
                        size.hidden(),
                        size.depth()))
                .toList();
    }

    @Override
    public List<ParameterSpec> parameters() {
        return Stream.of(
                        stem.parameters().stream(),
                        patches.parameters().stream(),
                        overview.stream().flatMap(linear -> linear.parameters().stream()),
                        Stream.of(
                                ParameterSpec.constant(name + ".class", 0, width),
                                ParameterSpec.normal(name + ".position", SMALL, false, 1, count() + 1L, width)),
                        firstNorm.parameters().stream(),
                        blocks.stream().flatMap(block -> block.parameters().stream()))
                .flatMap(parameters -> parameters)
                .toList();
    }

    /** Patches of an image. */
    private int count() {
        return image.height() / patch * (image.width() / patch);
    }

    /**
     * What the encoder makes of images.
     *
     * @param x (B, C, H, W)
     * @return (B, 1 + patches, d): the class token's first
     */
    public <T> T apply(Ops<T> ops, T x) {
        T cut = cut(ops, first(ops, seen(ops, x)));
        T made = layers(ops, cut, blocks).get(blocks.size());
        return overview.isPresent() ? withOverview(ops, overview.get(), cut, made) : made;
    }

    /**
     * What the blocks read of images, without what the last one makes of it.
     *
     * @param x (B, C, H, W)
     * @return norm(z_0) to norm(z_(L-1)), (B, 1 + patches, d) each
     */
    public <T> List<T> read(Ops<T> ops, T x) {
        return layers(ops, cut(ops, first(ops, seen(ops, x))), blocks.subList(0, blocks.size() - 1));
    }

    private <T> List<T> layers(Ops<T> ops, T cut, List<TransformerBlock> some) {
        T tokens = ops.prepend(ops.parameter(name + ".class"), patches.apply(ops, cut));
        Normalised<T> state = firstNorm.apply(ops, tokens, ops.parameter(name + ".position"));
        List<T> layers = new ArrayList<>(List.of(state.normalised()));
        for (TransformerBlock block : some) {
            state = block.apply(ops, state);
            layers.add(state.normalised());
        }
        return layers;
    }

    /** The same with a linear map of all patches in the class token, to which the blocks add a little. */
    private <T> T withOverview(Ops<T> ops, Linear linear, T cut, T made) {
        T whole = linear.apply(ops, ops.reshape(cut, -1, 1, linear.inputs())); // (B, 1, d)
        float[] first = new float[1 + count()];
        first[0] = 1;
        float[] kept = new float[first.length];
        Arrays.fill(kept, 1);
        kept[0] = ADDED;
        return ops.add(
                ops.multiply(made, ops.constant(kept, 1, kept.length, 1)),
                ops.multiply(whole, ops.constant(first, 1, first.length, 1)));
    }

    /** What is cut into patches. */
    private <T> T first(Ops<T> ops, T seen) {
        return gradients.isPresent() ? gradients.get().apply(ops, seen) : stem.apply(ops, seen);
    }

    /** What is seen of images (B, C, H, W). */
    private <T> T seen(Ops<T> ops, T x) {
        T counted = premultiply ? premultiplied(ops, x) : x;
        return framing.isPresent() ? framing.get().apply(ops, counted) : counted;
    }

    /** (r, g, b, a) to (r a, g a, b a, a): (B, 4, H, W). */
    private static <T> T premultiplied(Ops<T> ops, T x) {
        T colours = ops.constant(new float[] {1, 1, 1, 0}, 1, ALPHA + 1, 1, 1);
        T alone = ops.constant(new float[] {0, 0, 0, 1}, 1, ALPHA + 1, 1, 1);
        return ops.multiply(x, ops.add(ops.multiply(ops.narrow(x, 1, ALPHA, 1), colours), alone));
    }

    /** What the stem makes of images, (B, C, H, W), to (B, patches, C P P). */
    public <T> T cut(Ops<T> ops, T x) {
        int rows = image.height() / patch;
        int columns = image.width() / patch;
        T grid = ops.reshape(x, -1, image.channels(), rows, patch, columns, patch);
        return ops.reshape(
                ops.permute(grid, 0, 2, 4, 1, 3, 5), // (B, rows, columns, C, P, P)
                -1, count(), (long) image.channels() * patch * patch);
    }
}
