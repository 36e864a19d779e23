package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.evaluation.Plausibility;
import io.scanline.trainer.export.CaptionFigures;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.export.VisionFigures;
import io.scanline.trainer.report.ProgressBar;
import io.scanline.trainer.report.ResultsFile;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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
        description = "Measure a bundle on test images: their likelihood or a bound on it, how well they are"
                + " reconstructed, whether their class or caption is found or said, or how far samples are from them, beside what"
                + " counting, principal components, guessing or training images give. Fails when a likelihood is worse than"
                + " counting, or too good to be true.")
final class EvaluateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private BundleArgument argument;

    @Mixin
    private DataOptions data;

    @Mixin
    private JudgeOptions judge;

    @Mixin
    private CandidateOptions candidates;

    @Option(names = "--images", paramLabel = "N", description = "Only the first N test images. Default: all.")
    private Integer count;

    @Option(names = "--stored", description = "Measure nothing: take the figures that were measured at export.")
    private boolean fromBundle;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(
            names = "--record",
            paramLabel = "FILE",
            description = "Also write that object into a file of such lines, in the place of this model's earlier one;"
                    + " the command results makes a table of it. Not with --images, nor when the command fails.")
    private Path record;

    @Override
    public Integer call() throws Exception {
        require(count == null || count >= 1, "--images " + count + " is below 1");
        require(count == null || record == null, "--record is for figures of all test images, without --images");
        require(count == null || !fromBundle, "--images has no use with --stored");
        StoredBundle stored = argument.read();
        candidates.check(stored.drawsTexts() && judge.isGiven() && !fromBundle);
        Bundle bundle = stored.bundle();
        Recipe recipe = Recipe.parse(bundle.getProvenance().getRecipe()).recipe();
        String dataSet = data.dataset(recipe.dataset());
        require(
                count == null || !bundle.hasEmbedding(),
                "--images: what is found among fewer candidates cannot be compared with anything");
        Evaluation.Row row = fromBundle ? new StoredRow(bundle) : measured(stored, recipe, dataSet);
        spec.commandLine().getOut().println(json ? row.result().json() : row.text());
        Plausibility.of(dataSet, bundle.getGeometry(), row.figures(), count == null)
                .require(spec.commandLine().getErr()::println);
        if (record != null) {
            new ResultsFile(record).put(row.result());
        }
        return 0;
    }

    private Evaluation.Row measured(StoredBundle stored, Recipe recipe, String dataSet) throws Exception {
        if (stored.bundle().hasCaptioning()) {
            return captioned(stored, data.captioned(recipe).fixed(recipe.discretiser()), dataSet);
        }
        if (stored.bundle().hasEmbedding()) {
            return retrieved(stored, data.captioned(recipe).fixed(recipe.discretiser()), dataSet);
        }
        Optional<CaptionedImages> captions =
                stored.drawsTexts() ? Optional.of(data.captioned(recipe)) : Optional.empty();
        TrainTest images = captions.isPresent()
                ? captions.get().images()
                : stored.drawsCodes() ? data.intensities(recipe) : data.load(recipe);
        ImageSet test = count == null ? images.test() : images.test().first(count);
        check(stored.bundle(), test);
        try (ProgressBar bar = ProgressBar.onStandardError("evaluate", "images", 0, test.size())) {
            return captions.<Evaluation>map(said -> new TextPriorEvaluation(said, judge, candidates))
                    .orElseGet(() -> Evaluation.of(stored, judge))
                    .run(
                            stored,
                            new Evaluation.Images(dataSet, recipe.discretiser(), images, test),
                            Runtime.getRuntime().availableProcessors(),
                            done -> bar.update(done, ""));
        }
    }

    private static Evaluation.Row retrieved(StoredBundle stored, CaptionedImages images, String dataSet) throws Exception {
        long started = System.nanoTime();
        ImageSet test = images.images().test();
        check(stored.bundle(), test);
        try (ProgressBar bar = ProgressBar.onStandardError("evaluate", "images", 0, test.size())) {
            int threads = Runtime.getRuntime().availableProcessors();
            List<Metric> figures = new VisionFigures(
                            stored, dataSet, threads, done -> bar.update(Math.min(done, test.size()), ""))
                    .embedding(images);
            return new FiguresRow(
                    stored.bundle(), dataSet, figures, test.size(), (System.nanoTime() - started) / 1e9);
        }
    }

    private Evaluation.Row captioned(StoredBundle stored, CaptionedImages images, String dataSet) throws Exception {
        long started = System.nanoTime();
        check(stored.bundle(), images.images().test());
        int most = count == null ? Integer.MAX_VALUE : count;
        int all = CaptionFigures.count(images, most);
        try (ProgressBar bar = ProgressBar.onStandardError("evaluate", "images", 0, all)) {
            List<Metric> figures =
                    new CaptionFigures(stored, dataSet, done -> bar.update(done, "")).of(images, most);
            return new FiguresRow(stored.bundle(), dataSet, figures, all, (System.nanoTime() - started) / 1e9);
        }
    }

    private void require(boolean met, String otherwise) {
        if (!met) {
            throw new ParameterException(spec.commandLine(), otherwise);
        }
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
