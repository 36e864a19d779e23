package io.scanline.trainer.models;

import io.scanline.trainer.nn.Linear;
import io.scanline.trainer.nn.OrientedGradients;
import io.scanline.trainer.nn.PatchEncoder;
import io.scanline.trainer.nn.Planes;
import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;
import java.util.stream.Stream;

/**
 * Vision Transformer (Dosovitskiy et al. 2021, "An image is worth 16x16 words: transformers for image recognition at
 * scale", arXiv:2010.11929): a classifier over the patches of an image. See {@link PatchEncoder} for equations 1 to 4; the
 * logits are an affine map of what becomes of the class token.
 *
 * <p>Training lowers the cross entropy of the classes, against targets that keep 1 - smoothing for the right class and
 * share the rest equally (Szegedy et al. 2016, "Rethinking the inception architecture", section 7).
 *
 * <p>Deviations from the paper:
 * <ul>
 *   <li>Trained from nothing on small images, where the paper pre-trains on 14 million and more; so it is small, and its
 *       patches are of few pixels.
 *   <li>No dropout: images are shifted and flipped instead, as the recipe says.
 *   <li>A recipe may ask for convolutions before the patches, which the paper calls a hybrid (section 3.1).
 *   <li>GELU by its tanh approximation. The head has random small initial weights instead of zeros.
 * </ul>
 */
public final class VisionTransformer implements ImageNetwork {
    /**
     * Hyper-parameters.
     *
     * @param encoder size of the transformer
     * @param smoothing of the targets, 0 to below 1
     */
    public record Config(PatchEncoder.Size encoder, double smoothing) implements ModelConfig {
        @Override
        public void check() {
            requireEncoder(encoder, "encoder");
            ModelConfig.require(smoothing >= 0 && smoothing < 1, "a smoothing from 0 to below 1, not " + smoothing);
        }

        @Override
        public VisionTransformer network(ImageShape shape) {
            return new VisionTransformer(shape, this);
        }
    }

    /**
     * What the network says of images.
     *
     * @param features (B, d)
     * @param logits (B, classes), an affine map of the features
     */
    public record Answer<T>(T features, T logits) {}

    private final ImageShape shape;
    private final Config config;
    private final PatchEncoder encoder;
    private final Linear head;

    /** A classifier of images of this shape. */
    public VisionTransformer(ImageShape shape, Config config) {
        ModelConfig.require(shape.classes() >= 2, "images of at least two classes to tell them apart");
        requireWholePatches(shape, config.encoder());
        int width = config.encoder().width();
        this.shape = shape;
        this.config = config;
        this.encoder = new PatchEncoder("encoder", planes(shape), config.encoder());
        this.head = new Linear("head", width, shape.classes(), 0.1 / Math.sqrt(width));
    }

    /** Throws when a recipe's size of an image encoder cannot be. */
    static void requireEncoder(PatchEncoder.Size size, String name) {
        ModelConfig.require(size != null, "the size of its " + name);
        ModelConfig.require(
                size.patch() >= 1 && size.width() >= 1 && size.depth() >= 1 && size.hidden() >= 1,
                name + ".patch, width, depth and hidden of at least 1");
        ModelConfig.require(
                size.stem().size() < 31 && size.stemFits(),
                name + ".stem of at least 1 channel each, that halves no oftener than " + name + ".patch, " + size.patch()
                        + ", can be");
        ModelConfig.require(
                size.frame() == null || size.premultiply() && size.frame().inRange(),
                name + ".frame of an extent of 1 to 16, a shift of 0 to 8 and a zoom of 0 to 0.5, with premultiply");
        ModelConfig.require(
                size.gradients() == null
                        || size.premultiply() && size.stem().isEmpty() && size.gradients() >= 1 && size.gradients() <= 64
                                && size.patch() % OrientedGradients.CELL == 0,
                name + ".gradients of 1 to 64 directions, with premultiply, without a stem, and with " + name
                        + ".patch a multiple of " + OrientedGradients.CELL);
        requireHeads(size.width(), size.heads(), name);
    }

    /** Throws when a width cannot be shared by heads. */
    static void requireHeads(int width, int heads, String name) {
        ModelConfig.require(
                heads >= 1 && width % heads == 0,
                name + ".width, " + width + ", that is a multiple of its heads, " + heads);
    }

    /** Throws when images cannot be cut into patches, or have no alpha that their colours could count by. */
    static void requireWholePatches(ImageShape shape, PatchEncoder.Size size) {
        ModelConfig.require(
                shape.width() % size.patch() == 0 && shape.height() % size.patch() == 0,
                "images of " + shape.width() + " x " + shape.height() + " cannot be cut into patches of " + size.patch()
                        + " x " + size.patch());
        ModelConfig.require(
                !size.premultiply() || shape.channels() == 4,
                "premultiply with images of four channels, the last of them alpha, not of " + shape.channels());
    }

    /** The size of images of a shape. */
    static Planes planes(ImageShape shape) {
        return new Planes(shape.channels(), shape.height(), shape.width());
    }

    @Override
    public ImageShape shape() {
        return shape;
    }

    /** What makes the features. */
    public PatchEncoder encoder() {
        return encoder;
    }

    /** Numbers of the features. */
    public int width() {
        return config.encoder().width();
    }

    /** Of the targets in training. */
    public double smoothing() {
        return config.smoothing();
    }

    @Override
    public List<ParameterSpec> parameters() {
        return Stream.concat(encoder.parameters().stream(), head.parameters().stream()).toList();
    }

    /**
     * Features and logits of images. The head is applied to all tokens, of which the class token's is taken: a product
     * with a single row is summed in another order than one with several, and an image's logits shall not depend on how
     * many others are in its batch.
     *
     * @param image (B, C, H, W): intensities in [0, 1]
     */
    public <T> Answer<T> classify(Ops<T> ops, T image) {
        T tokens = encoder.apply(ops, image); // (B, 1 + patches, d)
        T logits = head.apply(ops, tokens);
        return new Answer<>(first(ops, tokens, config.encoder().width()), first(ops, logits, shape.classes()));
    }

    /** The first row of every sequence: (B, S, width) to (B, width). */
    static <T> T first(Ops<T> ops, T x, int width) {
        return ops.reshape(ops.narrow(x, 1, 0, 1), -1, width);
    }
}
