package io.scanline.trainer.cli;

import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.training.MachineSettings;
import io.scanline.trainer.training.Recipe;
import io.scanline.trainer.training.RunDirectory;
import io.scanline.trainer.training.TrainingRun;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains by a recipe, or goes on with a training that was stopped or killed. */
@Command(
        name = "train",
        description = "Train a model by a recipe. The same command goes on with a training that was stopped or killed.")
final class TrainCommand implements Callable<Integer> {
    /** Choices of {@link Precision}. */
    enum PrecisionChoice {
        AUTO,
        FP32,
        BF16
    }

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "RECIPE",
            converter = RecipeArgument.class,
            description = "Name of a recipe (see the command recipes), or a YAML file.")
    private Recipe.Source source;

    @Mixin
    private DataOptions data;

    @Option(names = "--out", paramLabel = "DIR", description = "Directory of the run. Default: runs/ and the recipe's name.")
    private Path out;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Stop after step N of the recipe, to go on another time.")
    private Integer steps;

    @Option(
            names = "--precision",
            paramLabel = "auto|fp32|bf16",
            defaultValue = "auto",
            description = "Arithmetic of matrix products. Default: auto, what the run began with, or else what this CPU"
                    + " computes faster.")
    private PrecisionChoice precision;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "N",
            defaultValue = "50",
            description = "Steps between checkpoints, which is what a kill can cost. Default: ${DEFAULT-VALUE}.")
    private int checkpointEvery;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Threads, a divisor of the batch. Default: what the run began with, or else what the recipe says.")
    private Integer workers;

    @Override
    public Integer call() throws IOException, InterruptedException {
        checkArguments();
        Libtorch.load();
        RunDirectory directory =
                new RunDirectory(out != null ? out : Path.of("runs", source.recipe().name()));
        try (Closeable lock = directory.lock()) {
            directory.keep(source);
            MachineSettings settings = settings(directory);
            settings.keep(directory);
            train(directory, settings, source.recipe().withWorkers(settings.workers()));
        }
        return 0;
    }

    private void checkArguments() {
        if (steps != null && steps < 1) {
            throw new ParameterException(spec.commandLine(), "--steps " + steps + " is below 1");
        }
        if (checkpointEvery < 1) {
            throw new ParameterException(spec.commandLine(), "--checkpoint-every " + checkpointEvery + " is below 1");
        }
        if (workers != null) {
            try {
                source.recipe().withWorkers(workers);
            } catch (IllegalArgumentException impossible) {
                throw new ParameterException(spec.commandLine(), "--workers: " + impossible.getMessage(), impossible);
            }
        }
    }

    /** What the options say, or else what the run was begun with, or else what suits the machine and the recipe. */
    private MachineSettings settings(RunDirectory directory) throws IOException {
        Optional<MachineSettings> earlier = MachineSettings.of(directory);
        Precision chosen =
                switch (precision) {
                    case FP32 -> Precision.FP32;
                    case BF16 -> Precision.BF16;
                    case AUTO -> earlier.map(MachineSettings::precision).orElseGet(Precision::best);
                };
        int threads = workers != null
                ? workers
                : earlier.map(MachineSettings::workers).orElse(source.recipe().training().workers());
        return new MachineSettings(chosen, threads);
    }

    private void train(RunDirectory directory, MachineSettings settings, Recipe recipe)
            throws IOException, InterruptedException {
        PrintWriter terminal = spec.commandLine().getOut();
        TrainTest images = data.load(recipe.dataset(), recipe.levels());
        var network = recipe.network(images.training());
        try (TrainingRun run = new TrainingRun(
                        recipe.training(), network, images.training(), directory.path(), settings.precision(), checkpointEvery);
                TrainingView view = new TrainingView(recipe, run, directory, terminal)) {
            int end = steps == null ? recipe.training().steps() : Math.min(steps, recipe.training().steps());
            view.begin(network.size(), settings, end);
            run.train(end, view);
            view.end();
        }
    }
}
