package io.scanline.trainer.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.scanline.trainer.models.ImageTransformer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Everything that decides what a training gives, read from YAML. The text is kept, because a bundle quotes it.
 *
 * @param name name of the bundle, 1 to 64 characters of [a-z0-9-]
 * @param version version of the bundle, a decimal number
 * @param family model family
 * @param dataset "fashion-mnist", "mnist" or "shapes"
 * @param levels grey levels that the images are quantised to, 2 to 256
 * @param model hyper-parameters of the family
 * @param training hyper-parameters of the optimisation
 * @param recommendedTemperature sampling temperature for the sample sheet and for clients that ask for none
 */
public record Recipe(
        String name,
        String version,
        String family,
        String dataset,
        int levels,
        ImageTransformer.Config model,
        Training training,
        float recommendedTemperature) {

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
            int validationImages) {}

    private static final List<String> BUILT_IN = List.of("fashion-pixels", "tiny");
    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory()).enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);

    /** A recipe and its text. */
    public record Source(Recipe recipe, String text) {}

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
                return parse(new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
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
            return new Source(recipe, text);
        } catch (JsonProcessingException e) {
            throw new IOException("not a recipe: " + e.getOriginalMessage(), e);
        }
    }

    private void check() throws IOException {
        if (Stream.of(name, version, family, dataset, model, training).anyMatch(java.util.Objects::isNull)) {
            throw new IOException("a recipe needs name, version, family, dataset, model and training");
        }
        if (!family.equals("image-transformer")) {
            throw new IOException("unknown family " + family + "; families: image-transformer");
        }
        if (training.batch() % training.workers() != 0) {
            throw new IOException("batch " + training.batch() + " is not a multiple of workers " + training.workers());
        }
        if (model.width() % model.heads() != 0) {
            throw new IOException("width " + model.width() + " is not a multiple of heads " + model.heads());
        }
    }
}
