package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Bundle;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.report.ProgressBar;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures a bundle on the test images of the data set that it was trained on. */
@Command(
        name = "evaluate",
        description = "Measure a bundle on test images: their likelihood or a bound on it, or how well they are"
                + " reconstructed, beside what counting or principal components give.")
final class EvaluateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private BundleArgument argument;

    @Mixin
    private DataOptions data;

    @Option(names = "--images", paramLabel = "N", description = "Only the first N test images. Default: all.")
    private Integer count;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (count != null && count < 1) {
            throw new ParameterException(spec.commandLine(), "--images " + count + " is below 1");
        }
        StoredBundle stored = argument.read();
        Bundle bundle = stored.bundle();
        Recipe recipe = Recipe.parse(bundle.getProvenance().getRecipe()).recipe();
        TrainTest images = stored.drawsCodes()
                ? data.intensities(recipe.dataset())
                : data.load(recipe.dataset(), recipe.discretiser());
        ImageSet test = count == null ? images.test() : images.test().first(count);
        check(bundle, test);
        Evaluation.Row row;
        try (ProgressBar bar = ProgressBar.onStandardError("evaluate", "images", 0, test.size())) {
            row = Evaluation.of(bundle)
                    .run(
                            stored,
                            new Evaluation.Images(recipe.dataset(), recipe.discretiser(), images, test),
                            Runtime.getRuntime().availableProcessors(),
                            done -> bar.update(done, ""));
        }
        spec.commandLine().getOut().println(json ? row.json() : row.text());
        return 0;
    }

    private static void check(Bundle bundle, ImageSet test) throws IOException {
        var geometry = bundle.getGeometry();
        if (geometry.getWidth() != test.width()
                || geometry.getHeight() != test.height()
                || geometry.getChannels() != test.channels()) {
            throw new IOException("the bundle draws " + geometry.getWidth() + " x " + geometry.getHeight()
                    + " images, the data set has " + test.width() + " x " + test.height());
        }
    }
}
