package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Bundle;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.export.CaptionSheet;
import io.scanline.trainer.export.GeneratorSheet;
import io.scanline.trainer.export.LatentSession;
import io.scanline.trainer.export.LatentSheet;
import io.scanline.trainer.export.PromptSheet;
import io.scanline.trainer.export.SampleGrid;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.export.VisionSheet;
import io.scanline.trainer.training.Recipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Draws samples of a bundle. */
@Command(
        name = "sample",
        description = "Draw images from a bundle onto a sheet, one row for each class. A server draws the same row for its"
                + " class, the same temperature, and a seed of the given one plus the index of the class. A model without"
                + " classes fills ten rows with images 0, 1, .. of one request of the given seed. Of an autoencoder without a"
                + " distribution to draw from: test images over their reconstructions. Of a classifier: test images by the class that"
                + " it takes them for; of a model of images and texts: texts of the test set with the images nearest to them; of a model"
                + " that puts images into words: --count test images with what they are called and what it says. Of a model that"
                + " draws what a text says: a row for each --prompt, the first of seed S, the next of S + 1.")
final class SampleCommand implements Callable<Integer> {
    private static final String ALL = "all";
    private static final int MOST_COLUMNS = 256;
    /** Of a sheet without classes. */
    private static final int ROWS = 5;
    /** Of a sheet of texts and the images nearest to them. */
    private static final int TEXTS = 20;
    private static final float HIGHEST_TEMPERATURE = 10;

    @Spec
    private CommandSpec spec;

    @Mixin
    private BundleArgument argument;

    @Mixin
    private DataOptions data;

    @Option(names = "--class", paramLabel = "C", defaultValue = ALL, description = "Name or index of a class. Default: all.")
    private String chosen;

    @Option(names = "--count", paramLabel = "N", defaultValue = "10", description = "Images of a row. Default: 10.")
    private int count;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1", description = "Seed; class i is drawn with S + i. Default: 1.")
    private long seed;

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            arity = "1..*",
            description = "Of a model that draws what a text says: what to draw, a row for each. An empty one asks for nothing in"
                    + " particular.")
    private List<String> prompts = List.of();

    @Option(
            names = "--guidance",
            paramLabel = "G",
            description = GuidanceOption.DESCRIPTION)
    private Float guidance;

    @Option(names = "--temperature", paramLabel = "T", description = "0 to 10. Default: what the bundle recommends.")
    private Float temperature;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "PNG file to write.")
    private Path out;

    @Override
    public Integer call() throws Exception {
        require(count >= 1 && count <= MOST_COLUMNS, "--count " + count + " is not from 1 to " + MOST_COLUMNS);
        require(
                temperature == null || temperature >= 0 && temperature <= HIGHEST_TEMPERATURE,
                "--temperature " + temperature + " is not from 0 to 10");
        StoredBundle stored = argument.read();
        Bundle bundle = stored.bundle();
        float recommended = bundle.getRecommendedTemperature() == 0 ? 1 : bundle.getRecommendedTemperature();
        float used = temperature == null ? recommended : temperature;
        require(
                stored.drawsTexts() || prompts.isEmpty() && guidance == null,
                "--prompt and --guidance are for models that draw what a text says");
        if (stored.drawsTexts()) {
            prompted(stored, used);
        } else if (stored.looks()) {
            require(chosen.equals(ALL), "--class: this model draws no images");
            seen(stored);
        } else if (stored.onlyDraws()) {
            try (LatentSession session = new LatentSession(stored)) {
                GeneratorSheet sheet = new GeneratorSheet(session);
                if (chosen.equals(ALL)) {
                    sheet.write(count, seed, used, out);
                } else {
                    sheet.write(labels(bundle), count, seed, used, out);
                }
            }
        } else if (!bundle.hasAutoregression()) {
            require(chosen.equals(ALL), "--class: this model knows no classes");
            latents(stored, used);
        } else if (chosen.equals(ALL)) {
            new SampleGrid(stored).write(count, seed, used, out);
        } else {
            new SampleGrid(stored).write(labels(bundle), count, seed, used, out);
        }
        spec.commandLine().getOut().println("samples: " + out);
        return 0;
    }

    private void prompted(StoredBundle stored, float chosenTemperature) throws Exception {
        require(chosen.equals(ALL), "--class: this model knows no classes");
        require(!prompts.isEmpty(), "--prompt: this model draws what a text says; say what to draw");
        GuidanceOption.check(spec, guidance);
        PromptSheet sheet = new PromptSheet(stored);
        try {
            sheet.require(prompts);
        } catch (IllegalArgumentException refused) {
            throw new ParameterException(spec.commandLine(), "--prompt: " + refused.getMessage(), refused);
        }
        sheet.write(
                prompts.stream().map(PromptSheet.Row::new).toList(),
                count,
                GuidanceOption.used(stored, guidance),
                seed,
                chosenTemperature,
                out);
    }

    private void latents(StoredBundle stored, float chosenTemperature) throws Exception {
        Recipe recipe = Recipe.parse(stored.bundle().getProvenance().getRecipe()).recipe();
        try (LatentSession session = new LatentSession(stored)) {
            LatentSheet sheet = new LatentSheet(session);
            Optional<ImageSet> images = sheet.samples()
                    ? Optional.empty()
                    : Optional.of(data.load(recipe).test());
            sheet.write(images, ROWS, count, seed, chosenTemperature, out);
        }
    }

    /** Test images by class, by how near they are to texts, or with what is said of them. */
    private void seen(StoredBundle stored) throws Exception {
        Recipe recipe = Recipe.parse(stored.bundle().getProvenance().getRecipe()).recipe();
        if (stored.bundle().hasCaptioning()) {
            new CaptionSheet(stored).write(data.captioned(recipe).fixed(recipe.discretiser()), count, out);
            return;
        }
        VisionSheet sheet = new VisionSheet(stored, Runtime.getRuntime().availableProcessors());
        if (stored.bundle().hasEmbedding()) {
            CaptionedImages images = data.captioned(recipe).fixed(recipe.discretiser());
            ImageSet test = images.images().test();
            sheet.texts(test, images.of(test), TEXTS, count, out);
        } else {
            sheet.classes(data.load(recipe).test(), count, out);
        }
    }

    private List<Integer> labels(Bundle bundle) {
        List<String> names = bundle.getConditioning().getClassNamesList();
        List<Integer> labels = IntStream.range(0, names.size())
                .filter(label -> chosen.equalsIgnoreCase(names.get(label))
                        || chosen.equals(Integer.toString(label)) && !names.contains(chosen))
                .boxed()
                .toList();
        require(!names.isEmpty(), "--class: this model knows of no classes");
        require(!labels.isEmpty(), "--class: no class " + chosen + "; classes: " + String.join(", ", names));
        return labels;
    }

    private void require(boolean met, String complaint) {
        if (!met) {
            throw new ParameterException(spec.commandLine(), complaint);
        }
    }
}
