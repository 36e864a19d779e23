package io.scanline.cli;

import io.scanline.cli.draw.StatusText;
import io.scanline.cli.draw.TileGrid;
import io.scanline.cli.stream.GenerationProgress;
import io.scanline.v1.GenerateResponse;

/** Prints the finished images once, for an output that cannot be drawn over. */
final class FinalView implements GenerationView {
    private final GenerationProgress progress;
    private final TileGrid grid;
    private final StatusText status;
    private final Console console;

    FinalView(GenerationProgress progress, TileGrid grid, StatusText status, Console console) {
        this.progress = progress;
        this.grid = grid;
        this.status = status;
        this.console = console;
    }

    @Override
    public void received(GenerateResponse event) {
        // Nothing to see before the end.
    }

    @Override
    public void held(String id) {
        console.out().print(PlainText.line(StatusText.held(id)) + "\n");
        console.out().flush();
    }

    @Override
    public void finished() {
        grid.all(progress.pictures()).forEach(line -> console.out().print(line + "\n"));
        status.finished(progress.figures()).forEach(line -> console.out().print(PlainText.line(line) + "\n"));
        console.out().flush();
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
