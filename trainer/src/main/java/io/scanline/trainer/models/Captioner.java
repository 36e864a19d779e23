package io.scanline.trainer.models;

import io.scanline.trainer.nn.Attention;
import io.scanline.trainer.nn.LayerNorm;
import io.scanline.trainer.nn.Linear;
import io.scanline.trainer.nn.PatchEncoder;
import io.scanline.trainer.nn.TextEncoder;
import io.scanline.trainer.nn.TransformerBlock;
import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.Ops.Normalised;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Image to text after LLaVA (Liu, Li, Wu and Lee 2023, "Visual instruction tuning", arXiv 2304.08485, section 4): what a trained
 * image encoder g makes of an image's patches is projected into the space of a language model's words, and the language model
 * goes on from there. With w_0 the id that begins a text and w_n the one that ends it,
 *
 * <pre>
 *   H = W_2 gelu(W_1 g(x) + b_1) + b_2                              one vector for each of N tokens of the image
 *   log p(w | x) = sum_(i = 1)^n log p(w_i | H, w_0 .. w_(i-1))     minimised: E_(x,w)[-log p(w | x) / n]
 * </pre>
 *
 * <p>Training has two stages, as in the paper (section 4.2). In the first the image encoder, that of a CLIP trained before, stands
 * still and its features are aligned with words; in the second all goes on together.
 *
 * <p>Deviations from the paper:
 * <ul>
 *   <li>The language model starts from nothing, where LLaVA begins with one that can talk: so the first stage trains it beside the
 *       projection, which is all that the paper's first stage trains. It knows the words of the captions, and no others.
 *   <li>The second stage trains the image encoder too, where the paper's keeps it as it is.
 *   <li>The projection has two layers, as that of LLaVA-1.5 (Liu et al. 2023, arXiv 2310.03744); the paper's has one.
 *   <li>Tokens after the last block of the encoder, the class token before the patches where the recipe wants it, since it is what
 *       CLIP taught the meaning of. The paper takes the patches alone.
 *   <li>Images are captioned: there are no questions, instructions or turns.
 *   <li>Learned positions, layer normalisation and GELU (tanh approximation) instead of LLaMA's. Dropout (Srivastava et al. 2014)
 *       in the language model, since captioned images are few.
 * </ul>
 */
public final class Captioner implements ImageNetwork {
    private static final double EMBEDDED = 0.1; // what is embedded is normalised before anything reads it
    private static final double FIRST_LOGITS = 0.1; // nearly equal probabilities at the start

    /**
     * The image encoder.
     *
     * @param bundle NAME/VERSION of the CLIP whose image encoder it is at first
     * @param digest see {@link ModelConfig.Needed}
     * @param encoder its size, which is that of the CLIP
     * @param summary whether the class token goes before the patches
     */
    public record Vision(String bundle, String digest, PatchEncoder.Size encoder, boolean summary) {}

    /**
     * Hyper-parameters.
     *
     * @param vision what looks
     * @param hidden width of the projection's hidden layer
     * @param text size of the language model; its vocabulary is the most ids that a tokenizer may have
     * @param dropout share of the language model's numbers that training leaves out
     * @param alignment steps of the first stage
     */
    public record Config(Vision vision, int hidden, TextEncoder.Size text, double dropout, int alignment)
            implements ModelConfig {
        @Override
        public void check() {
            ModelConfig.require(vision != null, "a vision");
            new Needed(vision.bundle(), vision.digest()).check("vision");
            VisionTransformer.requireEncoder(vision.encoder(), "vision.encoder");
            ModelConfig.require(hidden >= 1, "a hidden of at least 1");
            ModelConfig.requireText(text);
            ModelConfig.require(dropout >= 0 && dropout < 1, "a dropout from 0 to below 1, not " + dropout);
            ModelConfig.require(alignment >= 0, "an alignment of 0 steps or more");
        }

        @Override
        public boolean ofCaptions() {
            return true;
        }

        @Override
        public Optional<Needed> needs() {
            return Optional.of(new Needed(vision.bundle(), vision.digest()));
        }

        @Override
        public Captioner network(ImageShape shape) {
            return new Captioner(shape.conditional(false), this);
        }
    }

    private final ImageShape shape;
    private final Config config;
    private final PatchEncoder images;
    private final Linear up;
    private final Linear down;
    private final LayerNorm firstNorm;
    private final List<TransformerBlock> blocks;
    private final Linear head;

    /** A captioner of images of this shape. */
    public Captioner(ImageShape shape, Config config) {
        VisionTransformer.requireWholePatches(shape, config.vision().encoder());
        this.shape = shape;
        this.config = config;
        this.images = new PatchEncoder("image", VisionTransformer.planes(shape), config.vision().encoder());
        TextEncoder.Size text = config.text();
        int seen = config.vision().encoder().width();
        this.up = new Linear("projection.up", seen, config.hidden(), 1 / Math.sqrt(seen));
        this.down = new Linear("projection.down", config.hidden(), text.width(), EMBEDDED / Math.sqrt(config.hidden()));
        this.firstNorm = new LayerNorm("language.norm", text.width());
        this.blocks = IntStream.range(0, text.depth())
                .mapToObj(block -> new TransformerBlock(
                        "language.block" + block,
                        text.width(),
                        text.heads(),
                        new Attention.Last(0),
                        text.hidden(),
                        text.depth()))
                .toList();
        this.head = new Linear(
                "language.logits", text.width(), text.vocabulary(), FIRST_LOGITS / Math.sqrt(text.width()));
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

    /** Vectors N that an image becomes. */
    public int prefix() {
        int patch = config.vision().encoder().patch();
        int patches = shape.height() / patch * (shape.width() / patch);
        return config.vision().summary() ? 1 + patches : patches;
    }

    /** Components D of a vector. */
    public int width() {
        return config.text().width();
    }

    /** Positions of the longest sequence: the image and as many ids as the context has. */
    public int positions() {
        return prefix() + config.text().context();
    }

    @Override
    public List<ParameterSpec> parameters() {
        TextEncoder.Size text = config.text();
        return Stream.of(
                        images.parameters().stream(),
                        Stream.of(up, down).flatMap(part -> part.parameters().stream()),
                        Stream.of(
                                ParameterSpec.normal("language.token", EMBEDDED, false, text.vocabulary(), text.width()),
                                ParameterSpec.normal("language.position", EMBEDDED, false, positions(), text.width())),
                        firstNorm.parameters().stream(),
                        blocks.stream().flatMap(block -> block.parameters().stream()),
                        head.parameters().stream())
                .flatMap(parameters -> parameters)
                .toList();
    }

    /**
     * What the image encoder makes of images.
     *
     * @param image (B, C, H, W): intensities in [0, 1]
     * @return (B, N, d)
     */
    public <T> T features(Ops<T> ops, T image) {
        T tokens = images.apply(ops, image);
        return config.vision().summary() ? tokens : ops.narrow(tokens, 1, 1, prefix());
    }

    /** H of features: (B, N, d) to (B, N, D). */
    public <T> T project(Ops<T> ops, T features) {
        return down.apply(ops, ops.gelu(up.apply(ops, features)));
    }

    /**
     * What the language model makes of some positions of sequences.
     *
     * @param vector (B, S, D): H at positions below N, not read at others
     * @param token int64 (B, S): ids at positions from N on, not read at others
     * @param position int64 (B, S)
     * @return (B, S, D)
     */
    public <T> T states(Ops<T> ops, T vector, T token, T position) {
        int prefix = prefix();
        T id = ops.below(position, prefix, ops.subtract(token, token), token); // whatever is not read may be no id
        T word = ops.embed(ops.parameter("language.token"), id);
        T embedded = ops.below(ops.unsqueeze(position, 2), prefix, vector, word);
        T place = ops.embed(ops.parameter("language.position"), position);
        Normalised<T> state = firstNorm.apply(ops, ops.dropout(embedded), place);
        for (TransformerBlock block : blocks) {
            state = block.apply(ops, state);
        }
        return state.normalised();
    }

    /** Logits of the id at the next position: (B, S, D) to (B, S, vocabulary). */
    public <T> T logits(Ops<T> ops, T states) {
        return head.apply(ops, states);
    }
}
