package io.scanline.cli;

import io.scanline.cli.stream.EventPrinter;
import io.scanline.v1.GenerateResponse;
import java.io.IOException;

/** Prints events for programs. */
final class JsonView implements GenerationView {
    private final EventPrinter printer;

    JsonView(EventPrinter printer) {
        this.printer = printer;
    }

    @Override
    public void received(GenerateResponse event) throws IOException {
        printer.print(event);
    }

    @Override
    public void finished() {
        // Finished itself has been printed.
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
