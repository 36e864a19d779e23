package io.scanline.cli.draw;

import io.scanline.cli.stream.Figures;
import io.scanline.cli.stream.ImageAssembly;
import io.scanline.v1.Finished;
import io.scanline.v1.Geometry;
import io.scanline.v1.ImageResult;
import io.scanline.v1.LikelihoodKind;
import io.scanline.v1.PromptRead;
import io.scanline.v1.Started;
import io.scanline.v1.Waiting;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;

/** Says in words and figures how far a generation is. ASCII only. */
public final class StatusText {
    private final String target;

    /** Texts about a generation at this server. */
    public StatusText(String target) {
        this.target = target;
    }

    /** One line that tells how to come back. */
    public static String held(String id) {
        return "held: scanline resume " + id;
    }

    /** One line while it runs. */
    public String running(Figures figures) {
        if (figures.started().isEmpty()) {
            return "waiting for " + target;
        }
        Started started = figures.started().get();
        if (figures.drawn() == 0) {
            int position = figures.waiting().map(Waiting::getQueuePosition).orElse(started.getQueuePosition());
            int etaMillis = figures.waiting().map(Waiting::getEtaMs).orElse(started.getEtaMs());
            return position == 0
                    ? "admitted, about " + seconds(etaMillis * 1e6) + " to go"
                    : "queued behind " + images(position) + ", about " + seconds(etaMillis * 1e6) + " to go";
        }
        int each = valuesOfOne(started);
        return format("%3d%%  %d of %d %ss  %s%s",
                100 * figures.drawn() / Math.max(1, figures.toDraw()),
                figures.drawn() / each,
                figures.toDraw() / each,
                drawn(started),
                rate(figures),
                firstPixel(figures));
    }

    /** The lines that stay when it is finished. */
    public List<String> finished(Figures figures) {
        Started started = figures.started().orElseThrow();
        Finished finished = figures.finished().orElseThrow();
        Geometry geometry = started.getGeometry();
        List<String> lines = new ArrayList<>();
        lines.add(format("%s of %dx%d in %s  %s%s",
                kept(finished), geometry.getWidth(), geometry.getHeight(),
                seconds(figures.runningNanos()), rate(figures), bitsPerDim(finished)));
        if (figures.firstValueNanos().isPresent()) {
            // The first is the server's own doing; the second has connecting and the start of this program in it.
            long micros = finished.getImagesList().stream().mapToLong(ImageResult::getFirstPixelUs).min().orElse(0);
            lines.add(format("first %s %s after admission, %s after the call",
                    drawn(started),
                    millis(micros / 1e3), millis(figures.firstValueNanos().getAsLong() / 1e6)));
        }
        if (started.hasPrompt()) {
            lines.add(prompt(started.getPrompt()));
        }
        lines.addAll(RankingText.lines(finished));
        lines.add(format("%s/%s%s  seed %s  sha256 verified",
                started.getModel().getName(), started.getModel().getVersion(),
                usual(started.getPrecision()) ? "" : " in " + started.getPrecision(),
                Long.toUnsignedString(started.getSeed())));
        return lines;
    }

    /** What nearly all models do, and those that take no steps: not worth a word. */
    private static boolean usual(String precision) {
        return precision.isEmpty() || precision.equals("fp32");
    }

    private static String prompt(PromptRead prompt) {
        String unknown = prompt.getUnknown() == 0 ? "" : ", " + prompt.getUnknown() + " of them unknown to the model";
        return format("prompt of %d ids%s  guidance %s", prompt.getIds(), unknown, prompt.getGuidance());
    }

    /** How many images there are to be seen, and how many were given up. */
    private static String kept(Finished finished) {
        int kept = (int) finished.getImagesList().stream().filter(ImageAssembly::complete).count();
        int givenUp = finished.getImagesCount() - kept;
        return givenUp == 0 ? images(kept) : images(kept) + " (" + givenUp + " given up)";
    }

    private static String bitsPerDim(Finished finished) {
        DoubleSummaryStatistics bits = finished.getImagesList().stream()
                .filter(ImageAssembly::complete)
                .mapToDouble(ImageResult::getBitsPerDim).summaryStatistics();
        boolean unknown = bits.getCount() == 0 || bits.getMax() == 0 && finished.getImagesList().stream()
                .allMatch(image -> image.getLikelihoodKind() == LikelihoodKind.LIKELIHOOD_KIND_UNSPECIFIED);
        if (unknown) {
            return "";
        }
        boolean codes = finished.getImages(0).getLikelihoodKind() == LikelihoodKind.LIKELIHOOD_KIND_CODES;
        String unit = codes ? "bits/code" : "bits/dim";
        return bits.getCount() == 1
                ? format("  %.3f %s", bits.getMin(), unit)
                : format("  %.3f to %.3f %s", bits.getMin(), bits.getMax(), unit);
    }

    /** What is drawn one after another, as its reader sees it. */
    private static String drawn(Started started) {
        return started.hasCodes() ? "code" : "pixel";
    }

    /** Steps for one of what is drawn. */
    private static int valuesOfOne(Started started) {
        return started.hasCodes() ? 1 : started.getGeometry().getChannels();
    }

    private static String rate(Figures figures) {
        Started started = figures.started().orElseThrow();
        double each = (double) figures.drawn() / valuesOfOne(started);
        return format("%.0f %ss/s", each * 1e9 / Math.max(1, figures.runningNanos()), drawn(started));
    }

    private static String firstPixel(Figures figures) {
        return figures.firstValueNanos().isEmpty()
                ? ""
                : "  first " + drawn(figures.started().orElseThrow()) + " after "
                        + millis(figures.firstValueNanos().getAsLong() / 1e6);
    }

    private static String images(int count) {
        return count == 1 ? "1 image" : count + " images";
    }

    private static String seconds(double nanos) {
        return format(nanos < 1e10 ? "%.2f s" : "%.0f s", nanos / 1e9);
    }

    private static String millis(double millis) {
        return format(millis < 10 ? "%.1f ms" : "%.0f ms", millis);
    }

    private static String format(String pattern, Object... arguments) {
        return String.format(Locale.ROOT, pattern, arguments);
    }
}
