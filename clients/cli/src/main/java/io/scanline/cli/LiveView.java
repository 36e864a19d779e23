package io.scanline.cli;

import io.scanline.cli.draw.StatusText;
import io.scanline.cli.draw.TerminalCanvas;
import io.scanline.cli.draw.TerminalSize;
import io.scanline.cli.draw.TileGrid;
import io.scanline.cli.stream.GenerationProgress;
import io.scanline.v1.GenerateResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Draws the images in place while they grow. A thread of its own draws about thirty times a second, so a slow terminal
 * costs frames but never holds up the stream.
 */
final class LiveView implements GenerationView {
    private static final long FRAME_MILLIS = 33;

    private final GenerationProgress progress;
    private final TileGrid grid;
    private final StatusText status;
    private final TerminalSize size;
    private final TerminalCanvas canvas;
    private final ScheduledExecutorService ticker;
    private volatile boolean finished;
    private volatile String held = "";

    /** Draws until it is finished or closed. */
    LiveView(GenerationProgress progress, TileGrid grid, StatusText status, TerminalSize size, TerminalCanvas canvas) {
        this.progress = progress;
        this.grid = grid;
        this.status = status;
        this.size = size;
        this.canvas = canvas;
        this.ticker = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "draw");
            thread.setDaemon(true);
            return thread;
        });
        ticker.scheduleWithFixedDelay(this::drawFrame, 0, FRAME_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void drawFrame() {
        if (!finished) {
            List<String> lines = pictures();
            lines.add(fit(status.running(progress.figures())));
            canvas.draw(lines);
        }
    }

    /** What fits above the status line, with the line of the cursor left free. */
    private List<String> pictures() {
        String name = held;
        int taken = name.isEmpty() ? 2 : 3;
        List<String> lines =
                new ArrayList<>(grid.window(progress.pictures(), progress.firstGrowing(), size.rows() - taken));
        if (!name.isEmpty()) {
            lines.add(0, fit(StatusText.held(name)));
        }
        return lines;
    }

    private String fit(String line) {
        String plain = PlainText.line(line);
        return plain.substring(0, Math.min(plain.length(), size.columns()));
    }

    @Override
    public void received(GenerateResponse event) {
        // The next frame shows it.
    }

    @Override
    public void held(String id) {
        held = id;
    }

    @Override
    public void finished() {
        finished = true;
        stopTicker();
        List<String> lines = new ArrayList<>(grid.all(progress.pictures()));
        status.finished(progress.figures()).forEach(line -> lines.add(PlainText.line(line)));
        canvas.draw(lines);
        canvas.close();
    }

    @Override
    public void close() {
        if (!finished) {
            finished = true;
            stopTicker();
            // What has arrived stays; the status line would be a lie from now on.
            canvas.draw(pictures());
        }
        canvas.close();
    }

    private void stopTicker() {
        ticker.shutdown();
        try {
            ticker.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
