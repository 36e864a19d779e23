package io.scanline.cli;

import io.scanline.cli.draw.TerminalProbe;
import io.scanline.cli.draw.TerminalSize;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a command has around it.
 *
 * @param out standard output
 * @param err standard error
 * @param environment variables by name
 * @param terminal the terminal at standard output; empty: it is none
 */
record Console(
        PrintStream out, PrintStream err, Map<String, String> environment, Supplier<Optional<TerminalSize>> terminal) {
    /** The console of this process. */
    static Console system() {
        return new Console(
                utf8(FileDescriptor.out), utf8(FileDescriptor.err), System.getenv(), TerminalProbe::standardOutput);
    }

    /** Half blocks do not survive the default encoding of a bare locale, so it is always UTF-8. */
    private static PrintStream utf8(FileDescriptor descriptor) {
        OutputStream stream = new BufferedOutputStream(new FileOutputStream(descriptor), 1 << 16);
        return new PrintStream(stream, false, StandardCharsets.UTF_8);
    }

    /** Columns for text: those of the terminal, else 80. */
    int columns() {
        return terminal.get().map(TerminalSize::columns).orElse(80);
    }
}
