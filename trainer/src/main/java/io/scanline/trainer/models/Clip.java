package io.scanline.trainer.models;

import io.scanline.trainer.nn.PatchEncoder;
import io.scanline.trainer.nn.TextEncoder;
import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;
import java.util.stream.Stream;

/**
 * CLIP (Radford et al. 2021, "Learning transferable visual models from natural language supervision", arXiv:2103.00020):
 * a Vision Transformer and a causal text transformer that put an image and its caption at the same place of a sphere.
 *
 * <pre>
 *  x_i = normalise(W_image f(image_i)),  y_j = normalise(W_text g(text_j))      (Figure 3 of the paper)
 *  s = exp(logit_scale) &lt;= 100
 *  loss = 1/2 mean_i [-log softmax_j(s x_i . y_j)_i] + 1/2 mean_j [-log softmax_i(s x_i . y_j)_j]
 * </pre>
 *
 * <p>f is what becomes of the class token, g the state at the text's last token, which marks its end. With
 * {@code sigmoid} every pair is judged by itself (Zhai et al. 2023, "Sigmoid loss for language image pre-training",
 * arXiv:2303.15343, equation 1), z being 1 for pairs that belong together and -1 for others:
 *
 * <pre>  loss = -1/B sum_ij log sigmoid(z_ij (s x_i . y_j + b))</pre>
 *
 * <p>Deviations from the papers:
 * <ul>
 *   <li>Pairs of different images of a batch that have the same caption are left out of the sums: they would be taught as
 *       mistakes, and in small data sets they are many.
 *   <li>The end of a text is where its length says, not its largest id.
 *   <li>Small. GELU by its tanh approximation. The vocabulary is made of whole words and single characters.
 *   <li>An image's negatives are those of its worker's share of the batch, not of all workers together.
 * </ul>
 */
public final class Clip implements ImageNetwork {
    /** Name of the parameter log s. */
    public static final String LOGIT_SCALE = "logit_scale";
    /** Name of the parameter b. */
    public static final String LOGIT_BIAS = "logit_bias";
    /** The largest log s. */
    public static final double HIGHEST_SCALE = Math.log(100);

    private static final double FIRST_SCALE = Math.log(1 / 0.07);
    private static final double FIRST_SIGMOID_SCALE = Math.log(10);
    private static final double FIRST_SIGMOID_BIAS = -10;

    /**
     * Hyper-parameters.
     *
     * @param dimensions D of the shared space
     * @param image size of the image encoder
     * @param text size of the text encoder; its vocabulary is the most ids that a tokenizer may have
     * @param sigmoid whether pairs are judged by themselves
     */
    public record Config(int dimensions, PatchEncoder.Size image, TextEncoder.Size text, boolean sigmoid)
            implements ModelConfig {
        @Override
        public void check() {
            ModelConfig.require(dimensions >= 1 && dimensions <= 65536, "1 to 65536 dimensions, not " + dimensions);
            VisionTransformer.requireEncoder(image, "image");
            ModelConfig.requireText(text);
        }

        @Override
        public boolean ofCaptions() {
            return true;
        }

        @Override
        public Clip network(ImageShape shape) {
            return new Clip(shape.conditional(false), this);
        }
    }

    private final ImageShape shape;
    private final Config config;
    private final PatchEncoder images;
    private final TextEncoder texts;

    /** A model of images of this shape and of texts. */
    public Clip(ImageShape shape, Config config) {
        VisionTransformer.requireWholePatches(shape, config.image());
        this.shape = shape;
        this.config = config;
        this.images = new PatchEncoder("image", VisionTransformer.planes(shape), config.image());
        this.texts = new TextEncoder("text", config.text());
    }

    @Override
    public ImageShape shape() {
        return shape;
    }

    /** Its hyper-parameters. */
    public Config config() {
        return config;
    }

    /** The image encoder. */
    public PatchEncoder images() {
        return images;
    }

    @Override
    public List<ParameterSpec> parameters() {
        Stream<ParameterSpec> heads = Stream.of(
                projection("image.projection", config.image().width()),
                projection("text.projection", config.text().width()),
                ParameterSpec.constant(LOGIT_SCALE, config.sigmoid() ? FIRST_SIGMOID_SCALE : FIRST_SCALE, 1));
        return Stream.of(
                        images.parameters().stream(),
                        texts.parameters().stream(),
                        heads,
                        config.sigmoid()
                                ? Stream.of(ParameterSpec.constant(LOGIT_BIAS, FIRST_SIGMOID_BIAS, 1))
                                : Stream.<ParameterSpec>empty())
                .flatMap(parameters -> parameters)
                .toList();
    }

    private ParameterSpec projection(String name, int width) {
        return ParameterSpec.normal(name, 1 / Math.sqrt(width), true, width, config.dimensions());
    }

    /**
     * Vectors of images. All tokens are projected, of which the class token's is taken, for the reason that
     * {@link VisionTransformer#classify} gives.
     *
     * @param image (B, C, H, W): intensities in [0, 1]
     * @return (B, D), of length 1
     */
    public <T> T embedImages(Ops<T> ops, T image) {
        T projected = ops.matmul(images.apply(ops, image), ops.parameter("image.projection"));
        return ops.normalise(VisionTransformer.first(ops, projected, config.dimensions()));
    }

    /**
     * Vectors of texts.
     *
     * @param tokens int64 (B, T)
     * @param lengths int64 (B): tokens of a text, the last of which marks its end
     * @return (B, D), of length 1
     */
    public <T> T embedTexts(Ops<T> ops, T tokens, T lengths) {
        return embedTexts(ops, tokens, lengths, config.text().context());
    }

    /**
     * The same of the first ids of texts, of which none is longer.
     *
     * @param tokens int64 (B, S)
     * @param ids S
     */
    public <T> T embedTexts(Ops<T> ops, T tokens, T lengths, int ids) {
        T projected = ops.matmul(texts.apply(ops, tokens, ids), ops.parameter("text.projection"));
        return ops.normalise(ops.last(projected, lengths));
    }
}
