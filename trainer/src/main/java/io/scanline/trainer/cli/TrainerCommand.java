package io.scanline.trainer.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** All commands of the trainer. */
@Command(
        name = "scanline-trainer",
        description = "Trains image models and writes them as bundles for a Scanline server.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            TrainCommand.class,
            ExportCommand.class,
            DraftCommand.class,
            QuantiseCommand.class,
            ChunkCommand.class,
            PipelineCommand.class,
            EvaluateCommand.class,
            SampleCommand.class,
            ProbeCommand.class,
            MixtureCommand.class,
            RecipesCommand.class,
            ResultsCommand.class
        })
public final class TrainerCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = {"-h", "--help"}, usageHelp = true, scope = ScopeType.INHERIT, description = "Show this help.")
    private boolean help;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Show where in the program an error occurred.")
    private boolean verbose;

    /** Runs one command and returns its exit code: 0 done, 2 bad arguments, 1 anything else. */
    public static int run(String... args) {
        return run(new PrintWriter(System.out, true), new PrintWriter(System.err, true), args);
    }

    static int run(PrintWriter out, PrintWriter err, String... args) {
        TrainerCommand command = new TrainerCommand();
        return new CommandLine(command)
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(FailureReport::badArguments)
                .setExecutionExceptionHandler((failure, line, parsed) ->
                        FailureReport.failed(failure, line, command.verbose))
                .execute(args);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is needed");
    }
}
