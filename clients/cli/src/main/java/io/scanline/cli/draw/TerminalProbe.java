package io.scanline.cli.draw;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds out whether standard output is a terminal, and how large. Java 17 cannot tell: System.console() also asks for
 * standard input to be one, and knows no sizes.
 */
public final class TerminalProbe {
    /** The output of this shell is our own, so the size goes to its error output. */
    private static final String[] COMMAND = {"sh", "-c", "test -t 1 && stty size <&1 >&2"};

    private static final Pattern SIZE = Pattern.compile("(\\d+) (\\d+)\\s*");

    /** Where the terminal does not say, as over a serial line. */
    private static final TerminalSize USUAL = new TerminalSize(80, 24);

    private TerminalProbe() {}

    /** The terminal at standard output; empty when it is none or there is no shell to ask. */
    public static Optional<TerminalSize> standardOutput() {
        try {
            Process shell = new ProcessBuilder(COMMAND)
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String answer = new String(shell.getErrorStream().readAllBytes(), StandardCharsets.US_ASCII);
            return shell.waitFor() == 0 ? Optional.of(parse(answer)) : Optional.empty();
        } catch (IOException e) {
            // No shell (Windows): take it for no terminal, which is always readable.
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    static TerminalSize parse(String answer) {
        Matcher matcher = SIZE.matcher(answer);
        if (!matcher.matches()) {
            return USUAL;
        }
        int rows = Integer.parseInt(matcher.group(1));
        int columns = Integer.parseInt(matcher.group(2));
        return rows > 0 && columns > 0 ? new TerminalSize(columns, rows) : USUAL;
    }
}
