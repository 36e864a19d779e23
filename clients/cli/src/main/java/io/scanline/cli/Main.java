package io.scanline.cli;

import java.io.PrintWriter;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;

/** The {@code scanline} command. */
public final class Main {
    private Main() {}

    /** Runs one command. Exit codes: 0 done, 1 refused or failed, 2 bad arguments, 130 interrupted. */
    public static void main(String[] args) {
        // Pictures are only read and written, and a machine without a display must do.
        System.setProperty("java.awt.headless", "true");
        Logger.getLogger("").setLevel(Level.WARNING);
        System.exit(run(args, Console.system()));
    }

    /** Runs one command and returns its exit code. */
    static int run(String[] args, Console console) {
        CommandLine line = new CommandLine(new ScanlineCommand())
                .addSubcommand(new GenerateCommand(console))
                .addSubcommand(new CompleteCommand(console))
                .addSubcommand(new ResumeCommand(console))
                .addSubcommand(new CancelCommand(console))
                .addSubcommand(new ForkCommand(console))
                .addSubcommand(new ScoreCommand(console))
                .addSubcommand(new EncodeCommand(console))
                .addSubcommand(new InterpolateCommand(console))
                .addSubcommand(new EmbedCommand(console))
                .addSubcommand(new RankCommand(console))
                .addSubcommand(new ClassifyCommand(console))
                .addSubcommand(new CaptionCommand(console))
                .addSubcommand(new ModelsCommand(console));
        line.setOut(new PrintWriter(console.out(), true));
        line.setErr(new PrintWriter(console.err(), true));
        line.setParameterExceptionHandler(new ArgumentReport());
        line.setExecutionExceptionHandler(new FailureReport());
        int exitCode = line.execute(args);
        console.out().flush();
        console.err().flush();
        return exitCode;
    }
}
