package io.scanline.trainer.report;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * One line of progress: share, bar, count, rate, time left and a word of detail such as the loss. On a terminal the
 * line is redrawn in place; elsewhere (a log file, CI) a plain line is printed every so often. Not safe for use by
 * several threads.
 */
public final class ProgressBar implements AutoCloseable {
    private static final int BAR_WIDTH = 24;
    private static final long REDRAW_NANOS = Duration.ofMillis(100).toNanos();
    /** Time constant of the smoothed rate: a pause for validation must not upset the time left for long. */
    private static final double RATE_SECONDS = 15;

    private final PrintStream out;
    private final boolean terminal;
    private final long printNanos;
    private final LongSupplier clock;
    private final String task;
    private final String unit;
    private final long total;

    private long done;
    private String detail = "";
    private double rate;
    private long rateTime;
    private long rateDone;
    private long printTime;
    private int printedLength;
    private boolean printed;

    /**
     * A bar on standard error, so that standard output stays free for results.
     *
     * @param task what is being done, e.g. "train"
     * @param unit what is counted, e.g. "steps"
     * @param start how much was done before, e.g. by the run that this one resumes
     * @param total how much there is to do, above 0
     */
    public static ProgressBar onStandardError(String task, String unit, long start, long total) {
        boolean terminal = System.console() != null && !"dumb".equals(System.getenv("TERM"));
        return new ProgressBar(
                System.err, terminal, Duration.ofSeconds(10), System::nanoTime, task, unit, start, total);
    }

    /**
     * A bar on any stream.
     *
     * @param plainInterval time between lines where there is no terminal
     * @param clock nanoseconds, as {@link System#nanoTime()}
     */
    ProgressBar(PrintStream out, boolean terminal, Duration plainInterval, LongSupplier clock, String task, String unit,
            long start, long total) {
        if (total < 1 || start < 0 || start > total) {
            throw new IllegalArgumentException("cannot go from " + start + " to " + total);
        }
        this.out = out;
        this.terminal = terminal;
        this.printNanos = terminal ? REDRAW_NANOS : plainInterval.toNanos();
        this.clock = clock;
        this.task = task;
        this.unit = unit;
        this.total = total;
        this.done = start;
        this.rateDone = start;
        this.rateTime = clock.getAsLong();
    }

    /**
     * Says how far the task is; prints only when it is time to.
     *
     * @param doneNow how much is done, 0 to total; may fall, e.g. when a download starts again
     * @param newDetail shown at the end, e.g. "loss 1.234 bits/dim"; may be empty
     */
    public void update(long doneNow, String newDetail) {
        long now = clock.getAsLong();
        done = Math.min(doneNow, total);
        detail = newDetail;
        measureRate(now);
        if (!printed || now - printTime >= printNanos) {
            print(now);
        }
    }

    /** Prints the last state and ends the line. */
    @Override
    public void close() {
        print(clock.getAsLong());
        if (terminal) {
            out.println();
        }
        out.flush();
    }

    private void measureRate(long now) {
        double seconds = (now - rateTime) / 1e9;
        if (seconds <= 0) {
            return;
        }
        double latest = Math.max(0, (done - rateDone) / seconds);
        double weight = rate == 0 ? 1 : 1 - Math.exp(-seconds / RATE_SECONDS);
        rate += weight * (latest - rate);
        rateTime = now;
        rateDone = done;
    }

    private void print(long now) {
        String line = line();
        if (terminal) {
            // Spaces wipe out what is left of a longer line before.
            out.print("\r" + line + " ".repeat(Math.max(0, printedLength - line.length())));
            out.flush();
        } else {
            out.println(line);
        }
        printedLength = line.length();
        printTime = now;
        printed = true;
    }

    private String line() {
        int filled = (int) (BAR_WIDTH * done / total);
        StringBuilder line = new StringBuilder();
        line.append(String.format(Locale.ROOT, "%s %3d%% ", task, 100 * done / total));
        if (terminal) {
            line.append('[').append("#".repeat(filled)).append("-".repeat(BAR_WIDTH - filled)).append("] ");
        }
        line.append(String.format(Locale.ROOT, "%,d/%,d %s", done, total, unit));
        if (rate > 0) {
            line.append(String.format(Locale.ROOT, rate < 10 ? "  %.2f %s/s" : "  %,.0f %s/s", rate, unit));
            if (done < total) {
                line.append("  ETA ").append(time((long) Math.ceil((total - done) / rate)));
            }
        }
        return detail.isEmpty() ? line.toString() : line.append("  ").append(detail).toString();
    }

    /** Seconds as "9s", "1m09s", "2h03m". */
    private static String time(long seconds) {
        if (seconds < 60) {
            return seconds + "s";
        }
        return seconds < 3600
                ? String.format(Locale.ROOT, "%dm%02ds", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%dh%02dm", seconds / 3600, seconds % 3600 / 60);
    }
}
