package io.scanline.cli.stream;

import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.io.PrintStream;

/** Prints messages for programs: one JSON object a line in the proto3 JSON mapping, default values included. */
public final class EventPrinter {
    private static final JsonFormat.Printer JSON =
            JsonFormat.printer().omittingInsignificantWhitespace().alwaysPrintFieldsWithNoPresence();

    private final PrintStream out;

    /** Prints there. */
    public EventPrinter(PrintStream out) {
        this.out = out;
    }

    /**
     * Prints one line, and lets a pipe have it at once.
     *
     * @throws IOException when nobody reads it any more
     */
    public void print(MessageOrBuilder message) throws IOException {
        out.print(JSON.print(message) + "\n");
        if (out.checkError()) {
            throw new IOException("standard output is closed");
        }
    }
}
