package io.scanline.cli;

import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.scanline.cli.draw.PictureRenderer;
import io.scanline.cli.draw.StatusText;
import io.scanline.cli.draw.TerminalCanvas;
import io.scanline.cli.draw.TerminalSize;
import io.scanline.cli.draw.TileGrid;
import io.scanline.cli.image.PngWriter;
import io.scanline.cli.stream.EventPrinter;
import io.scanline.cli.stream.GenerationProgress;
import io.scanline.cli.stream.StreamViolation;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;

/** One call of Generate, from the request to the files. */
final class GenerationRun {
    /** What a shell expects of a command that Ctrl-C ended. */
    private static final int INTERRUPTED = 130;

    private final Console console;
    private final ConnectionOptions connectionOptions;
    private final OutputOptions output;

    GenerationRun(Console console, ConnectionOptions connectionOptions, OutputOptions output) {
        this.console = console;
        this.connectionOptions = connectionOptions;
        this.output = output;
    }

    /**
     * Makes the images, shows and keeps them.
     *
     * @return the exit code
     * @throws StatusRuntimeException when the server refuses or fails
     * @throws StreamViolation when what arrived is not what the server made
     * @throws IOException when a file cannot be written
     */
    int run(Connection connection, GenerateRequest request) throws StreamViolation, IOException {
        GenerationProgress progress = new GenerationProgress(request, System::nanoTime);
        Context.CancellableContext call = Context.current().withCancellation();
        try (GenerationView view = view(progress);
                InterruptGuard guard = new InterruptGuard(() -> stop(view, call, connection))) {
            try {
                call.call(() -> receive(connection, request, progress, view));
            } catch (StatusRuntimeException | StreamViolation | IOException e) {
                if (guard.interrupted()) {
                    return INTERRUPTED;
                }
                throw e;
            } catch (Exception e) {
                throw e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
            } finally {
                call.cancel(null);
            }
            view.finished();
        }
        if (output.out().isPresent()) {
            for (Path file : PngWriter.write(output.out().get(), progress.images())) {
                if (!output.json()) {
                    console.out().print("wrote " + file + "\n");
                }
            }
        }
        return 0;
    }

    private Void receive(
            Connection connection, GenerateRequest request, GenerationProgress progress, GenerationView view)
            throws StreamViolation, IOException {
        Iterator<GenerateResponse> events = connectionOptions
                .withDeadline(GenerationServiceGrpc.newBlockingStub(connection.channel()))
                .generate(request);
        while (events.hasNext()) {
            GenerateResponse event = events.next();
            view.received(event);
            progress.accept(event);
        }
        progress.end();
        return null;
    }

    private static void stop(GenerationView view, Context.CancellableContext call, Connection connection) {
        view.close();
        call.cancel(null);
        connection.close();
    }

    private GenerationView view(GenerationProgress progress) {
        if (output.json()) {
            return new JsonView(new EventPrinter(console.out()));
        }
        StatusText status = new StatusText(connectionOptions.target());
        Optional<TerminalSize> terminal = console.terminal().get();
        PictureRenderer renderer = PictureRenderer.of(output.color(console, terminal.isPresent()));
        TileGrid grid = new TileGrid(renderer, terminal.map(TerminalSize::columns).orElse(80));
        if (terminal.isEmpty() || "dumb".equals(console.environment().get("TERM"))) {
            return new FinalView(progress, grid, status, console);
        }
        return new LiveView(progress, grid, status, terminal.get(), new TerminalCanvas(console.out()));
    }
}
