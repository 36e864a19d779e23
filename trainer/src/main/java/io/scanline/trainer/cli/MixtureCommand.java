package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.evaluation.ImageFeatures;
import io.scanline.trainer.export.ClassMixtures;
import io.scanline.trainer.export.ImageVectors;
import io.scanline.trainer.export.LatentSession;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.report.ProgressBar;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Draws images by class from an autoencoder that knows of no classes. */
@Command(
        name = "mixture",
        description = "Draw images by class from a VAE or an autoencoder that knows of no classes: fit a mixture of"
                + " normal distributions to the latents of every class of training images, and decode what it draws."
                + " With --judge, also say how far the samples are from test images, and how many are judged to be of"
                + " their class.")
final class MixtureCommand implements Callable<Integer> {
    private static final int MOST_COLUMNS = 256;

    @Spec
    private CommandSpec spec;

    @Mixin
    private BundleArgument argument;

    @Mixin
    private DataOptions data;

    @Mixin
    private JudgeOptions judge;

    @Option(
            names = "--components",
            paramLabel = "K",
            defaultValue = "10",
            description = "Normal distributions of a class; fewer where a class has few images."
                    + " Default: ${DEFAULT-VALUE}.")
    private int components;

    @Option(
            names = "--classes",
            paramLabel = "C",
            split = ",",
            description = "Names or indices of the classes on the sheet, with commas. Default: all.")
    private List<String> chosen = List.of();

    @Option(names = "--count", paramLabel = "N", defaultValue = "10", description = "Images of a row. Default: 10.")
    private int count;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "Seed; class i is drawn with S + i. Default: 1.")
    private long seed;

    @Option(names = "--images", paramLabel = "N", description = "Judge by the first N test images only. Default: all.")
    private Integer judged;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "PNG file to write.")
    private Path out;

    @Override
    public Integer call() throws Exception {
        require(components >= 1, "--components " + components + " is below 1");
        require(count >= 1 && count <= MOST_COLUMNS, "--count " + count + " is not from 1 to " + MOST_COLUMNS);
        require(judged == null || judged >= 2, "--images " + judged + " is below 2");
        StoredBundle stored = argument.read();
        ImageVectors vectors = ImageVectors.of(stored, Runtime.getRuntime().availableProcessors());
        if (!vectors.decodable()) {
            throw new IOException(stored.bundle().getName() + " has " + vectors.name()
                    + ", and a mixture draws latents of a VAE or an autoencoder");
        }
        Libtorch.load();
        Recipe recipe = Recipe.parse(stored.bundle().getProvenance().getRecipe()).recipe();
        TrainTest images = data.load(recipe);
        List<Integer> labels = labels(images.training().classNames());
        Optional<ImageFeatures> features = judge.classifier(images.test());
        try (LatentSession session = new LatentSession(stored)) {
            ClassMixtures mixtures = ClassMixtures.fit(
                    session, latents(vectors, images.training()), images.training(), components, seed);
            mixtures.write(labels, count, seed, out);
            spec.commandLine().getOut().println("samples: " + out);
            if (features.isPresent()) {
                print(mixtures, images, features.get(), data.dataset(recipe.dataset()));
            }
        }
        return 0;
    }

    private static float[] latents(ImageVectors vectors, ImageSet training) throws Exception {
        try (ProgressBar bar = ProgressBar.onStandardError("encode", "training images", 0, training.size())) {
            return vectors.of(training, done -> bar.update(done, ""));
        }
    }

    private void print(ClassMixtures mixtures, TrainTest images, ImageFeatures features, String dataSet)
            throws Exception {
        ImageSet test = judged == null ? images.test() : images.test().first(judged);
        try (ProgressBar bar = ProgressBar.onStandardError("draw", "images", 0, test.size())) {
            for (Metric figure :
                    mixtures.figures(images.training(), test, features, dataSet, seed, done -> bar.update(done, ""))) {
                spec.commandLine().getOut().println(String.format(
                        Locale.ROOT,
                        "%-36s %11.5g %-14s  %s",
                        figure.getName(),
                        figure.getValue(),
                        figure.getUnit(),
                        figure.getProtocol()));
            }
        }
    }

    private List<Integer> labels(List<String> names) {
        if (chosen.isEmpty()) {
            return IntStream.range(0, names.size()).boxed().toList();
        }
        return chosen.stream()
                .map(name -> IntStream.range(0, names.size())
                        .filter(label -> name.equalsIgnoreCase(names.get(label))
                                || name.equals(Integer.toString(label)) && !names.contains(name))
                        .findFirst()
                        .orElseThrow(() -> new ParameterException(
                                spec.commandLine(),
                                "--classes: no class " + name + "; classes: " + String.join(", ", names))))
                .toList();
    }

    private void require(boolean met, String complaint) {
        if (!met) {
            throw new ParameterException(spec.commandLine(), complaint);
        }
    }
}
