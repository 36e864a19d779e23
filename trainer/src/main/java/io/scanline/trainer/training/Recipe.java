package io.scanline.trainer.training;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.scanline.trainer.data.Augmentation;
import io.scanline.trainer.data.Augmented;
import io.scanline.trainer.data.Binariser;
import io.scanline.trainer.data.CaptionedShapes;
import io.scanline.trainer.data.Discretiser;
import io.scanline.trainer.data.GivenLevels;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.OwnImages;
import io.scanline.trainer.data.Quantiser;
import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.models.Clip;
import io.scanline.trainer.models.ImageNetwork;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.models.ModelConfig;
import io.scanline.trainer.text.CaptionTexts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything that decides what a training gives, read from YAML. The text is kept, because a bundle quotes it. A text may
 * also say under "expected" what comes of it, see {@link Expectation}.
 *
 * @param name name of the bundle, 1 to 64 characters of [a-z0-9-]
 * @param version version of the bundle, a decimal number
 * @param family model family
 * @param dataset "shapes", "images" for a user's own, or the name of one of {@link io.scanline.trainer.data.DataSets}
 * @param size edge that a user's own images are brought to; absent: what the command says
 * @param levels levels of a value that the images are quantised to, 2 to 256; of a prior its tokenizer's codes
 * @param binarise "dynamic": values are drawn as 0 or 1 afresh at every step, see {@link Binariser}; absent: they are quantised
 * @param tokenizer NAME/VERSION of the bundle whose encoder turns images into the codes that a prior is a model of;
 *     absent for models of images
 * @param tokenizerDigest SHA-256 of that bundle's description, 64 lower-case hexadecimal digits; absent: any will do,
 *     and that of the one that a training starts with is written into the run's own recipe
 * @param captions what is said of images, for models of images with captions; absent: nothing
 * @param augment how training images are changed; absent: not at all
 * @param model hyper-parameters of the family
 * @param training hyper-parameters of the optimisation
 * @param recommendedTemperature sampling temperature for the sample sheet and for clients that ask for none
 */
@JsonIgnoreProperties("expected")
public record Recipe(
        String name,
        String version,
        String family,
        String dataset,
        Integer size,
        int levels,
        String binarise,
        String tokenizer,
        String tokenizerDigest,
        Captions captions,
        Augmentation augment,
        @JsonTypeInfo(
                        use = JsonTypeInfo.Id.NAME,
                        include = JsonTypeInfo.As.EXTERNAL_PROPERTY,
                        property = "family",
                        visible = true)
                ModelConfig model,
        Training training,
        float recommendedTemperature) {

    /**
     * What is said of images.
     *
     * @param unseenStyle a style of drawings that is kept out of the training; absent: none
     * @param styles styles of drawings that are learned, and tested with; absent: all that the data set has
     * @param templates see {@link CaptionTexts.Wording}
     * @param keywords see there
     * @param dropped see there; absent: 0. Only for models that draw
     * @param guidance classifier-free guidance recommended to who draws, 0 to 20; absent: 1. Only for models that draw
     * @param rivals other captions, for every image, that it is told from besides those of its batch, 0 to 64; absent: 0. Only for
     *     models of images and texts in one space
     * @param drawings of every arrangement that is learned, 1 to 1,000; absent: 12. Only of captioned-shapes
     */
    public record Captions(
            String unseenStyle,
            List<String> styles,
            List<String> templates,
            double keywords,
            Double dropped,
            Float guidance,
            Integer rivals,
            Integer drawings) {
        private static final float MOST_GUIDANCE = 20;
        private static final int MOST_RIVALS = 64;
        private static final int MOST_DRAWINGS = 1000;

        /** See {@code rivals}; 0 where the recipe says nothing. */
        public int rivalsOrNone() {
            return rivals == null ? 0 : rivals;
        }

        /** How captions are said in training. */
        public CaptionTexts.Wording wording() {
            return new CaptionTexts.Wording(templates, keywords, dropped == null ? 0 : dropped);
        }

        private void check(boolean drawing, String dataset) throws IOException {
            require(drawing || dropped == null && guidance == null, "dropped and guidance for models that draw only");
            require(
                    guidance == null || guidance >= 0 && guidance <= MOST_GUIDANCE,
                    "a guidance from 0 to " + MOST_GUIDANCE + ", not " + guidance);
            // Only what was learned in place of a text can be guided away from.
            require(guidance == null || guidance == 1 || wording().dropped() > 0, "dropped captions for guidance");
            require(styles == null || !styles.isEmpty(), "at least one of the styles");
            require(
                    rivals == null || rivals >= 0 && rivals <= MOST_RIVALS,
                    "captions.rivals from 0 to " + MOST_RIVALS + ", not " + rivals);
            require(
                    drawings == null
                            || dataset.equals(CaptionedShapes.NAME) && drawings >= 1 && drawings <= MOST_DRAWINGS,
                    "captions.drawings of " + CaptionedShapes.NAME + " only, from 1 to " + MOST_DRAWINGS);
        }
    }

    /**
     * Hyper-parameters of the optimisation: AdamW (Loshchilov and Hutter 2019) with linear warm-up and cosine decay.
     *
     * @param seed of the initial weights, the order of the images and everything else
     * @param steps optimiser steps
     * @param batch images of a step, over all workers
     * @param workers threads, each with a share of the batch and a copy of the weights; a divisor of batch
     * @param learningRate largest learning rate, reached after the warm-up
     * @param finalLearningRate learning rate at the last step
     * @param warmup steps of linear growth from 0
     * @param betas decay of the moments
     * @param weightDecay of matrices
     * @param clip largest norm of the gradient
     * @param ema decay of the moving average of the weights, which is what is exported
     * @param validateEvery steps between validations
     * @param validationImages images held out of the training set for them
     */
    public record Training(
            long seed,
            int steps,
            int batch,
            int workers,
            double learningRate,
            double finalLearningRate,
            int warmup,
            List<Double> betas,
            double weightDecay,
            double clip,
            double ema,
            int validateEvery,
            int validationImages) {
        private Training withWorkers(int others, int processes) {
            if (others < 1 || batch % (others * processes) != 0) {
                throw new IllegalArgumentException("batch " + batch + " cannot be shared by " + others + " workers"
                        + (processes == 1 ? "" : " of each of " + processes + " processes"));
            }
            return new Training(seed, steps, batch, others, learningRate, finalLearningRate, warmup, betas, weightDecay,
                    clip, ema, validateEvery, validationImages);
        }

        private void check() throws IOException {
            require(steps >= 1 && batch >= 1 && workers >= 1, "steps, batch and workers of at least 1");
            require(batch % workers == 0, "a batch, " + batch + ", that is a multiple of workers, " + workers);
            require(betas != null && betas.size() == 2, "two betas");
            require(warmup >= 0 && validateEvery >= 1 && validationImages >= 0, "warmup, validateEvery, validationImages");
            require(learningRate > 0 && clip > 0, "learningRate and clip above 0");
            require(ema >= 0 && ema < 1, "an ema from 0 to below 1, not " + ema);
        }
    }

    private static final List<String> BUILT_IN = List.of(
            "ae-linear-mnist",
            "ae-mnist",
            "caption-emoji",
            "caption-shapes",
            "clip-emoji",
            "clip-shapes",
            "diagonal-bilstm-mnist",
            "fashion-pixels",
            "fsq-emoji",
            "fsq-fashion",
            "gan-emoji",
            "gan-fashion",
            "gated-pixel-cnn-fashion",
            "gated-pixel-cnn-mnist",
            "image-transformer-mnist",
            "pixel-cnn-mnist",
            "prior-emoji",
            "prior-fashion",
            "row-lstm-mnist",
            "text-prior-emoji",
            "text-prior-shapes",
            "tiny",
            "tiny-ae",
            "tiny-captioner",
            "tiny-clip",
            "tiny-gan",
            "tiny-prior",
            "tiny-shapes-vq",
            "tiny-text-prior",
            "tiny-vae",
            "tiny-vit",
            "tiny-vq",
            "tiny-vqgan",
            "vae",
            "vae-emoji",
            "vae-fashion",
            "vae-mnist",
            "vit-emoji",
            "vit-fashion",
            "vqgan-emoji",
            "vqgan-fashion",
            "vqvae-emoji",
            "vqvae-fashion",
            "vqvae-shapes",
            "wavenet-mnist");
    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory()).enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);

    static {
        Families.configs().forEach((family, config) -> YAML.registerSubtypes(new NamedType(config, family)));
    }

    /** A recipe, what is expected of it, and its text. */
    public record Source(Recipe recipe, Expectation expected, String text) {
        /** The same for a user's own images, brought to squares of this edge. */
        public Source withOwnImages(int size) throws IOException {
            Source own = parse(text.replaceAll("(?m)^size:.*\\R", "")
                    .replaceFirst("(?m)^dataset:.*$", "dataset: " + OwnImages.NAME + "\nsize: " + size));
            require(Objects.equals(own.recipe().size(), size), "\"dataset: NAME\" as a line of its own");
            return own;
        }

        /**
         * The same for one bundle alone as the tokenizer.
         *
         * @param digest of its description
         */
        public Source withTokenizer(String digest) throws IOException {
            if (digest.equals(recipe.tokenizerDigest())) {
                return this;
            }
            Source one = parse(text.replaceAll("(?m)^tokenizerDigest:.*\\R", "")
                    .replaceFirst("(?m)^tokenizer:.*$", "$0\ntokenizerDigest: " + digest));
            require(digest.equals(one.recipe().tokenizerDigest()), "\"tokenizer: NAME/VERSION\" as a line of its own");
            return one;
        }

        /** What the recipe is for: the comment in its first line, if that is one. */
        public String description() {
            String first = text.lines().findFirst().orElse("");
            return first.startsWith("#") ? first.substring(1).strip() : "";
        }
    }

    /** Names of the recipes that come with the trainer. */
    public static List<String> builtIn() {
        return BUILT_IN;
    }

    /**
     * Reads a recipe by the name of a built-in one, or from a file.
     *
     * @throws IOException when there is none or it is not a recipe
     */
    public static Source load(String nameOrFile) throws IOException {
        if (BUILT_IN.contains(nameOrFile)) {
            try (InputStream in = Recipe.class.getResourceAsStream("/recipes/" + nameOrFile + ".yaml")) {
                return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        Path file = Path.of(nameOrFile);
        if (!Files.isRegularFile(file)) {
            throw new IOException("no recipe or file named " + nameOrFile + "; recipes: " + String.join(", ", BUILT_IN));
        }
        return parse(Files.readString(file));
    }

    /**
     * Reads a recipe from its text.
     *
     * @throws IOException when it is not a recipe
     */
    public static Source parse(String text) throws IOException {
        try {
            Recipe recipe = YAML.readValue(text, Recipe.class);
            recipe.check();
            JsonNode expected = YAML.readTree(text).path("expected");
            Expectation expectation = expected.isMissingNode() || expected.isNull()
                    ? Expectation.NONE
                    : YAML.treeToValue(expected, Expectation.class);
            expectation.check();
            return new Source(recipe, expectation, text);
        } catch (InvalidTypeIdException unknown) {
            String found = unknown.getTypeId() == null ? "" : ", not " + unknown.getTypeId();
            throw new IOException(
                    "a recipe needs a known family" + found + "; families: "
                            + String.join(", ", Families.configs().keySet()),
                    unknown);
        } catch (JsonProcessingException e) {
            // The parser's hints to programmers follow in parentheses.
            throw new IOException("not a recipe" + place(e) + ": " + e.getOriginalMessage().replaceAll(" \\(.*", ""), e);
        }
    }

    private static String place(JsonProcessingException e) {
        return e instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()
                ? mapping.getPath().stream()
                        .map(JsonMappingException.Reference::getFieldName)
                        .collect(Collectors.joining(".", ", at ", ""))
                : "";
    }

    /**
     * The same with another number of workers in each of so many processes, which changes the losses by rounding only.
     *
     * @throws IllegalArgumentException when the batch cannot be shared by so many
     */
    public Recipe withWorkers(int workers, int processes) {
        Training other = training.withWorkers(workers, processes);
        return new Recipe(name, version, family, dataset, size, levels, binarise, tokenizer, tokenizerDigest, captions,
                augment, model, other, recommendedTemperature);
    }

    /** What makes the levels that the model sees: of 8-bit images, or of grids of codes where there is a tokenizer. */
    public Discretiser discretiser() {
        if (tokenizer != null) {
            return new GivenLevels(levels);
        }
        Discretiser plain = binarise == null ? new Quantiser(levels) : new Binariser(training.seed());
        return augment == null ? plain : new Augmented(plain, augment, training.seed());
    }

    /**
     * The network that the recipe describes, for images like these, or for grids of codes like these.
     *
     * @throws IllegalArgumentException when the family cannot be a model of such images; the message says why
     */
    public ImageNetwork network(ImageSet images) {
        ImageNetwork network = model.network(new ImageShape(
                images.width(), images.height(), images.channels(), levels, images.classNames().size()));
        if (network instanceof AutoregressiveNetwork && images.channels() != 1) {
            throw new IllegalArgumentException("a " + family + " is a model of grey images, and these have "
                    + images.channels() + " values a pixel: use another family, or grey images");
        }
        return network;
    }

    private void check() throws IOException {
        require(
                Stream.of(name, version, family, dataset, model, training).allMatch(Objects::nonNull),
                "name, version, family, dataset, model and training");
        require(
                size == null || dataset.equals(OwnImages.NAME) && OwnImages.sizeIsAllowed(size),
                "size from " + OwnImages.SMALLEST_SIZE + " to " + OwnImages.LARGEST_SIZE + ", with dataset: "
                        + OwnImages.NAME + " only");
        require(levels >= 2 && levels <= 256, "levels from 2 to 256, not " + levels);
        require(binarise == null || binarise.equals("dynamic"), "binarise: dynamic, or none, not " + binarise);
        require(binarise == null || levels == 2, "levels: 2 with binarise: dynamic, not " + levels);
        // The noise of the draw is what published likelihoods pay for; shapes are black and white anyway.
        require(
                levels != 2 || binarise != null || tokenizer != null || dataset.equals("shapes"),
                "binarise: dynamic for levels: 2");
        checkTokenizer();
        checkCaptions();
        require(augment == null || augment.inRange() && tokenizer == null,
                "in augment, which is for images, a shift of 0 or more, a distort.turn to 45, zoom and stretch to 0.5,"
                        + " colour, blend, recolour, hide and plain to 1");
        require(name.matches("[a-z0-9-]{1,64}"), "a name of 1 to 64 characters of [a-z0-9-], not " + name);
        require(version.matches("[1-9][0-9]*"), "a decimal number as version, not " + version);
        try {
            model.check();
        } catch (IllegalArgumentException wrong) {
            throw new IOException("a recipe needs " + wrong.getMessage(), wrong);
        }
        training.check();
    }

    private void checkTokenizer() throws IOException {
        require(model.ofCodes() || tokenizer == null, "no tokenizer for a " + family + ", which is a model of images");
        require(!model.ofCodes() || tokenizer != null, "a tokenizer, NAME/VERSION of a bundle, for a " + family);
        require(
                tokenizer == null || tokenizer.matches("[a-z0-9-]{1,64}/[1-9][0-9]*"),
                "NAME/VERSION of a bundle as tokenizer, not " + tokenizer);
        require(
                tokenizerDigest == null || tokenizer != null && tokenizerDigest.matches("[0-9a-f]{64}"),
                "64 lower-case hexadecimal digits, and a tokenizer, for tokenizerDigest");
        require(tokenizer == null || binarise == null, "no binarise with a tokenizer");
    }

    private void checkCaptions() throws IOException {
        require(model.ofCaptions() || captions == null, "no captions for a " + family);
        require(!model.ofCaptions() || captions != null, "captions for a " + family);
        require(
                captions == null || captions.rivals() == null || model instanceof Clip.Config,
                "no captions.rivals for a " + family);
        if (captions != null) {
            captions.check(model.ofCodes(), dataset);
            try {
                captions.wording().check();
            } catch (IllegalArgumentException wrong) {
                throw new IOException("a recipe needs " + wrong.getMessage(), wrong);
            }
        }
    }

    private static void require(boolean met, String need) throws IOException {
        if (!met) {
            throw new IOException("a recipe needs " + need);
        }
    }
}
