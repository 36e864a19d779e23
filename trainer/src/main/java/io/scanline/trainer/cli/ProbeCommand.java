package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.export.ImageVectors;
import io.scanline.trainer.export.ProbeFigures;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.report.ProgressBar;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Says how well classes can be told by an affine map of what a bundle makes of images. */
@Command(
        name = "probe",
        description = "Fit a logistic regression to what a bundle makes of training images (a classifier's features,"
                + " vectors, latents, the means of a VAE's latents, counts of codes), and say how many test images get"
                + " their class by it, beside a regression on their intensities.")
final class ProbeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private BundleArgument argument;

    @Mixin
    private DataOptions data;

    @Option(names = "--images", paramLabel = "N", description = "Only the first N training images. Default: all.")
    private Integer count;

    @Option(
            names = "--penalty",
            paramLabel = "P",
            defaultValue = "0.001",
            description = "Half of this times the squared weights is added to the mean cross entropy."
                    + " Default: ${DEFAULT-VALUE}.")
    private double penalty;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        require(count == null || count >= 1, "--images " + count + " is below 1");
        require(penalty >= 0 && Double.isFinite(penalty), "--penalty " + penalty + " is not 0 or more");
        StoredBundle stored = argument.read();
        ImageVectors vectors = ImageVectors.of(stored, Runtime.getRuntime().availableProcessors());
        Libtorch.load();
        long started = System.nanoTime();
        Recipe recipe = Recipe.parse(stored.bundle().getProvenance().getRecipe()).recipe();
        String dataSet = data.dataset(recipe.dataset());
        TrainTest images = images(recipe);
        List<Metric> figures;
        int all = images.training().size() + images.test().size();
        try (ProgressBar bar = ProgressBar.onStandardError("probe", "images", 0, all)) {
            figures = new ProbeFigures(vectors, dataSet, penalty).of(images, done -> bar.update(done, ""));
        }
        FiguresRow row = new FiguresRow(
                stored.bundle(), dataSet, figures, images.test().size(), (System.nanoTime() - started) / 1e9);
        spec.commandLine().getOut().println(json ? row.result().json() : row.text());
        return 0;
    }

    private TrainTest images(Recipe recipe) throws Exception {
        TrainTest all = recipe.captions() == null
                ? data.load(recipe)
                : data.captioned(recipe).fixed(recipe.discretiser()).images();
        ImageSet training = count == null ? all.training() : all.training().first(count);
        if (training.classNames().size() < 2 || training.size() == 0 || all.test().size() == 0) {
            throw new IOException("the data set has no classes to tell apart, or no images of them");
        }
        return new TrainTest(training, all.test());
    }

    private void require(boolean met, String otherwise) {
        if (!met) {
            throw new ParameterException(spec.commandLine(), otherwise);
        }
    }
}
