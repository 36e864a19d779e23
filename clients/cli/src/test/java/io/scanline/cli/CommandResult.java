package io.scanline.cli;

import io.scanline.cli.draw.TerminalSize;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a command left behind.
 *
 * @param exitCode its exit code
 * @param out everything on standard output
 * @param err everything on standard error
 */
record CommandResult(int exitCode, String out, String err) {
    /** Runs a command whose output is not a terminal. */
    static CommandResult of(String... args) {
        return run(Map.of("TERM", "xterm-256color", "COLORTERM", "truecolor"), Optional.empty(), args);
    }

    /** Runs a command in a terminal. */
    static CommandResult inTerminal(Map<String, String> environment, TerminalSize size, String... args) {
        return run(environment, Optional.of(size), args);
    }

    private static CommandResult run(Map<String, String> environment, Optional<TerminalSize> terminal, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, false, StandardCharsets.UTF_8),
                environment,
                () -> terminal);
        int exitCode = Main.run(args, console);
        return new CommandResult(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    List<String> lines() {
        return out.lines().toList();
    }
}
