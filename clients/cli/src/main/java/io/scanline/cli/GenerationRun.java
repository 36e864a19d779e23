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
import io.scanline.v1.OnDisconnect;
import io.scanline.v1.ResumeRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Supplier;

/** One call of Generate, from the request to the files. */
final class GenerationRun {
    /** What a shell expects of a command that Ctrl-C ended. */
    private static final int INTERRUPTED = 130;
    /** How long a lost connection to a held generation is looked for, when it is not known how long it is held. */
    private static final int DEFAULT_HOLD_MILLIS = 60_000;

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
        boolean held = request.getOnDisconnect() == OnDisconnect.ON_DISCONNECT_FINISH_AND_HOLD;
        GenerationCalls calls = new GenerationCalls(connection, connectionOptions);
        return run(connection, calls, new GenerationProgress(request, System::nanoTime),
                held ? request.getHoldMs() : 0, () -> calls.generate(request));
    }

    /** The same of a generation that the server holds. */
    int run(Connection connection, ResumeRequest request) throws StreamViolation, IOException {
        GenerationCalls calls = new GenerationCalls(connection, connectionOptions);
        return run(connection, calls, GenerationProgress.ofWhole(System::nanoTime), DEFAULT_HOLD_MILLIS,
                () -> calls.resume(request));
    }

    /** @param holdMillis how long the server goes on without us; 0: it does not */
    private int run(
            Connection connection, GenerationCalls calls, GenerationProgress progress, int holdMillis,
            Supplier<Iterator<GenerateResponse>> first) throws StreamViolation, IOException {
        Context.CancellableContext call = Context.current().withCancellation();
        try (GenerationView view = view(progress);
                InterruptGuard guard = new InterruptGuard(() -> stop(view, call, connection))) {
            try {
                call.call(() -> receive(calls, first.get(), holdMillis, progress, view));
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
            for (Path file : PngWriter.write(output.out().get(), output.chosen(progress))) {
                if (!output.json()) {
                    console.out().print("wrote " + file + "\n");
                }
            }
        }
        return 0;
    }

    private Void receive(
            GenerationCalls calls, Iterator<GenerateResponse> first, int holdMillis, GenerationProgress progress,
            GenerationView view) throws StreamViolation, IOException, InterruptedException {
        Reconnection reconnection = new Reconnection(holdMillis);
        Iterator<GenerateResponse> events = first;
        boolean told = holdMillis == 0;
        while (true) {
            try {
                while (events.hasNext()) {
                    GenerateResponse event = events.next();
                    reconnection.connected();
                    view.received(event);
                    progress.accept(event);
                    if (!told) {
                        told = true;
                        view.held(event.getStarted().getGenerationId());
                    }
                }
                progress.end();
                return null;
            } catch (StatusRuntimeException lost) {
                if (holdMillis == 0) {
                    throw lost;
                }
                Optional<ResumeRequest> rest = progress.breakOff();
                if (rest.isEmpty()) {
                    throw lost;
                }
                reconnection.await(lost);
                events = calls.resume(rest.get());
            }
        }
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
