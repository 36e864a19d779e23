package io.scanline.server;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Entry point of the server's jar. Exit codes: 0 done, 2 bad arguments, 1 anything else. */
@Command(
        name = "scanline-server",
        description = "Serves images while they are being made.",
        mixinStandardHelpOptions = true,
        version = "scanline-server 0.1.0",
        subcommands = {ServeCommand.class, CheckCommand.class, BenchCommand.class})
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Runs the command that the arguments name and exits with its code. */
    public static void main(String[] args) {
        System.exit(commandLine(System.getenv(), args).execute(args));
    }

    /** The commands, ready to parse these arguments. */
    static CommandLine commandLine(Map<String, String> environment, String... arguments) {
        CommandLine commands = new CommandLine(new Main()).setExecutionExceptionHandler((fault, command, parsed) -> {
            command.getErr().println(command.getColorScheme().errorText("scanline-server: " + sentence(fault)));
            return command.getCommandSpec().exitCodeOnExecutionException();
        });
        CommandLine serve = commands.getSubcommands().get("serve");
        serve.setDefaultValueProvider(new FlagSources(serve, environment, arguments));
        return commands;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name a command: serve, check or bench.");
    }

    private static String sentence(Exception fault) {
        return fault.getMessage() == null ? fault.toString() : fault.getMessage();
    }
}
