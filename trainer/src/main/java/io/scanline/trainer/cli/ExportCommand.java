package io.scanline.trainer.cli;

import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.export.BundleExporter;
import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.report.ProgressBar;
import io.scanline.trainer.training.Recipe;
import io.scanline.trainer.training.RunDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
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

    @Mixin
    private DataOptions data;

    @Override
    public Integer call() throws Exception {
        RunDirectory directory = new RunDirectory(run);
        Recipe.Source source = directory.recipe();
        Recipe recipe = source.recipe();
        Libtorch.load();
        TrainTest images = data.load(recipe.dataset(), recipe.discretiser());
        if (!(recipe.network(images.training()) instanceof AutoregressiveNetwork network)) {
            throw new IOException("a " + recipe.family() + " cannot be exported yet");
        }
        RunDirectory.Trained trained = directory.trained(network);
        PrintWriter terminal = spec.commandLine().getOut();
        int step = trained.progress().step();
        terminal.println("weights: averaged, after step " + step + " of " + recipe.training().steps());
        Path bundle;
        try (ProgressBar bar = ProgressBar.onStandardError("evaluate", "images", 0, images.test().size())) {
            bundle = new BundleExporter(
                            source,
                            network,
                            trained.average(),
                            images.training(),
                            images.test(),
                            DataOptions.describe(recipe.dataset()),
                            step,
                            trained.progress().millis() / MILLIS_PER_MINUTE)
                    .export(out, Runtime.getRuntime().availableProcessors(), terminal::println, done -> bar.update(done, ""));
        }
        terminal.println("bundle: " + bundle);
        terminal.println("next: java -jar server/target/scanline-server.jar serve --models " + out);
        return 0;
    }
}
