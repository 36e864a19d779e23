package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Dataset;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.export.BundleExporter;
import io.scanline.trainer.export.CaptionFigures;
import io.scanline.trainer.export.CaptionerExporter;
import io.scanline.trainer.export.ChunkExporter;
import io.scanline.trainer.export.ClassifierExporter;
import io.scanline.trainer.export.EmbeddingExporter;
import io.scanline.trainer.export.GeneratorExporter;
import io.scanline.trainer.export.LatentExporter;
import io.scanline.trainer.export.PriorExporter;
import io.scanline.trainer.export.TextPriorExporter;
import io.scanline.trainer.export.Tokenizer;
import io.scanline.trainer.export.VariantFigures;
import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.models.Captioner;
import io.scanline.trainer.models.Clip;
import io.scanline.trainer.models.ImageGenerator;
import io.scanline.trainer.models.ImageNetwork;
import io.scanline.trainer.models.LatentNetwork;
import io.scanline.trainer.models.TextPrior;
import io.scanline.trainer.models.VisionTransformer;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.report.ProgressBar;
import io.scanline.trainer.training.Recipe;
import io.scanline.trainer.training.RunDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes what a training gave as a bundle. */
@Command(
        name = "export",
        description = "Write what a training gave as a bundle that a server can load, after checking that it computes the"
                + " same and measuring it on the test set.")
final class ExportCommand implements Callable<Integer> {
    private static final double MILLIS_PER_MINUTE = 60_000;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "RUN_DIR", description = "Directory of a training run.")
    private Path run;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "deploy/models",
            description = "Directory of models; the bundle becomes NAME/VERSION in it. Default: ${DEFAULT-VALUE}.")
    private Path out;

    @Option(
            names = "--int8",
            description = "Also make steps in 8-bit integers, as the command quantise does it for bundles that there are.")
    private boolean int8;

    @Option(
            names = "--chunk",
            description = "Also make a graph that draws many values in one run, in 16-bit floats, as the command chunk does it for"
                    + " bundles that there are.")
    private boolean chunk;

    @Mixin
    private DataOptions data;

    @Mixin
    private TokenizerOptions tokenizers;

    @Mixin
    private JudgeOptions judge;

    @Override
    public Integer call() throws Exception {
        RunDirectory directory = new RunDirectory(run);
        Recipe.Source source = directory.recipe();
        Recipe recipe = source.recipe();
        Optional<Tokenizer> tokenizer = tokenizers.read(recipe);
        Libtorch.load();
        Optional<CaptionedImages> captioned =
                recipe.captions() == null ? Optional.empty() : Optional.of(captioned(recipe, tokenizer));
        TrainTest images = captioned.isPresent() ? captioned.get().images() : images(recipe, tokenizer);
        ImageNetwork network = recipe.network(images.training());
        RunDirectory.Trained trained = directory.trained(network);
        PrintWriter terminal = spec.commandLine().getOut();
        int step = trained.progress().step();
        terminal.println("weights: averaged, after step " + step + " of " + recipe.training().steps());
        Path bundle;
        int measured = network instanceof Captioner
                ? CaptionFigures.count(captioned.orElseThrow(), Integer.MAX_VALUE)
                : images.test().size();
        try (ProgressBar bar = ProgressBar.onStandardError("evaluate", "images", 0, measured)) {
            Consumer<String> report = terminal::println;
            IntConsumer evaluated = done -> bar.update(done, "");
            if (network instanceof Clip clip) {
                bundle = export(source, clip, trained, captioned.orElseThrow(), report, evaluated);
            } else if (network instanceof Captioner captioner) {
                bundle = export(source, captioner, trained, captioned.orElseThrow(), report, evaluated);
            } else if (network instanceof TextPrior prior) {
                bundle = export(
                        source, prior, trained, tokenizer.orElseThrow(), captioned.orElseThrow(), report, evaluated);
            } else {
                bundle = export(source, network, trained, tokenizer, images, report, evaluated);
            }
        }
        if (int8) {
            new StepVariants(data, VariantFigures.ENOUGH).addInt8(bundle, terminal::println);
        }
        if (chunk) {
            new StepVariants(data, ChunkExporter.ENOUGH).addChunk(bundle, terminal::println);
        }
        terminal.println("bundle: " + bundle);
        terminal.println("next: java -jar server/target/scanline-server.jar serve --models " + out);
        return 0;
    }

    /** Levels with captions, or codes with captions. */
    private CaptionedImages captioned(Recipe recipe, Optional<Tokenizer> tokenizer) throws Exception {
        CaptionedImages intensities = data.captioned(recipe);
        return tokenizer.isPresent()
                ? TokenizerOptions.codes(tokenizer.get().stored(), intensities)
                : intensities.fixed(recipe.discretiser());
    }

    private Path export(
            Recipe.Source source,
            TextPrior network,
            RunDirectory.Trained trained,
            Tokenizer tokenizer,
            CaptionedImages codes,
            Consumer<String> report,
            IntConsumer evaluated)
            throws Exception {
        return new TextPriorExporter(
                        source,
                        network,
                        trained.average(),
                        tokenizer,
                        codes,
                        new RunDirectory(run).tokenizer(),
                        DataOptions.describe(source.recipe().dataset()),
                        trained.progress().step(),
                        trained.progress().millis() / MILLIS_PER_MINUTE)
                .export(out, Runtime.getRuntime().availableProcessors(), report, evaluated);
    }

    private TrainTest images(Recipe recipe, Optional<Tokenizer> tokenizer) throws Exception {
        return tokenizer.isPresent()
                ? TokenizerOptions.codes(tokenizer.get().stored(), data.intensities(recipe))
                : data.load(recipe);
    }

    private Path export(
            Recipe.Source source,
            Clip network,
            RunDirectory.Trained trained,
            CaptionedImages images,
            Consumer<String> report,
            IntConsumer evaluated)
            throws Exception {
        return new EmbeddingExporter(
                        source,
                        network,
                        trained.average(),
                        images,
                        source.recipe().captions().wording(),
                        new RunDirectory(run).tokenizer(),
                        DataOptions.background(source.recipe().dataset()),
                        DataOptions.describe(source.recipe().dataset()),
                        trained.progress().step(),
                        trained.progress().millis() / MILLIS_PER_MINUTE)
                .export(out, Runtime.getRuntime().availableProcessors(), report, evaluated);
    }

    private Path export(
            Recipe.Source source,
            Captioner network,
            RunDirectory.Trained trained,
            CaptionedImages images,
            Consumer<String> report,
            IntConsumer evaluated)
            throws Exception {
        return new CaptionerExporter(
                        source,
                        network,
                        trained.average(),
                        images,
                        new RunDirectory(run).tokenizer(),
                        DataOptions.background(source.recipe().dataset()),
                        DataOptions.describe(source.recipe().dataset()),
                        trained.progress().step(),
                        trained.progress().millis() / MILLIS_PER_MINUTE)
                .export(out, report, evaluated);
    }

    private Path export(
            Recipe.Source source,
            ImageNetwork network,
            RunDirectory.Trained trained,
            Optional<Tokenizer> tokenizer,
            TrainTest images,
            Consumer<String> report,
            IntConsumer evaluated)
            throws Exception {
        Dataset dataset = DataOptions.describe(source.recipe().dataset());
        int threads = Runtime.getRuntime().availableProcessors();
        int step = trained.progress().step();
        double minutes = trained.progress().millis() / MILLIS_PER_MINUTE;
        if (network instanceof AutoregressiveNetwork prior && tokenizer.isPresent()) {
            return new PriorExporter(
                            source, prior, trained.average(), tokenizer.get(), images, dataset, step, minutes)
                    .export(out, threads, report, evaluated);
        }
        if (network instanceof AutoregressiveNetwork autoregressive) {
            return new BundleExporter(
                            source,
                            autoregressive,
                            trained.average(),
                            images.training(),
                            images.test(),
                            dataset,
                            step,
                            minutes)
                    .export(out, threads, report, evaluated);
        }
        if (network instanceof LatentNetwork latent) {
            return new LatentExporter(
                            source,
                            latent,
                            trained.average(),
                            images,
                            judge.classifier(images.test()),
                            dataset,
                            step,
                            minutes)
                    .export(out, threads, report, evaluated);
        }
        if (network instanceof VisionTransformer classifier) {
            int background = DataOptions.background(source.recipe().dataset());
            return new ClassifierExporter(
                            source, classifier, trained.average(), images.test(), background, dataset, step, minutes)
                    .export(out, threads, report, evaluated);
        }
        if (network instanceof ImageGenerator generator) {
            return new GeneratorExporter(
                            source,
                            generator,
                            trained.average(),
                            images,
                            judge.features(images.training()),
                            dataset,
                            step,
                            minutes)
                    .export(out, report, evaluated);
        }
        throw new IOException("a " + source.recipe().family() + " cannot be exported yet");
    }
}
