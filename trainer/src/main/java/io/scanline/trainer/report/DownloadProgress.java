package io.scanline.trainer.report;

import io.scanline.trainer.data.DownloadListener;
import io.scanline.trainer.data.RemoteFile;
import java.util.function.Function;

/** A progress bar for every file that is downloaded, one after the other. Closing it ends the last bar's line. */
public final class DownloadProgress implements DownloadListener, AutoCloseable {
    private final Function<RemoteFile, ProgressBar> bars;
    private RemoteFile current;
    private ProgressBar bar;

    /** Shows progress on standard error. */
    public DownloadProgress() {
        this(file -> ProgressBar.onStandardError(file.name(), "kB", 0, kilobytes(file.bytes())));
    }

    DownloadProgress(Function<RemoteFile, ProgressBar> bars) {
        this.bars = bars;
    }

    @Override
    public void received(RemoteFile file, long bytes) {
        if (!file.equals(current)) {
            close();
            current = file;
            bar = bars.apply(file);
        }
        bar.update(kilobytes(bytes), "");
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
            current = null;
        }
    }

    /** Rounded up, so that a file is at 100 % exactly when it is complete. */
    static long kilobytes(long bytes) {
        return (bytes + 999) / 1000;
    }
}
