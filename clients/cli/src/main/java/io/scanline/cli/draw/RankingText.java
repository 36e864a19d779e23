package io.scanline.cli.draw;

import io.scanline.v1.Finished;
import io.scanline.v1.ImageResult;
import io.scanline.v1.StageTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Says how the images of a pipeline stand, and what its stages took. ASCII only. */
final class RankingText {
    private RankingText() {}

    /** A line of the ranks and one of the times; neither of what is no pipeline, or ranks nothing. */
    static List<String> lines(Finished finished) {
        List<String> lines = new ArrayList<>();
        List<ImageResult> ranked = finished.getImagesList().stream()
                .filter(image -> image.getRank() > 0)
                .sorted(Comparator.comparing(ImageResult::getRank))
                .toList();
        if (!ranked.isEmpty()) {
            lines.add("best: " + ranked.stream().map(RankingText::place).collect(Collectors.joining(", then ")));
        }
        if (finished.getStagesCount() > 0) {
            lines.add("stages: " + finished.getStagesList().stream()
                    .map(RankingText::time)
                    .collect(Collectors.joining(", ")));
        }
        return lines;
    }

    private static String place(ImageResult image) {
        return String.format(Locale.ROOT, "image %d (%.3f)", image.getImageIndex(), image.getPromptLikeness());
    }

    private static String time(StageTime time) {
        return String.format(
                Locale.ROOT, "%s %.1f ms in %d %s", time.getStage(), time.getBusyUs() / 1e3, time.getRuns(),
                time.getRuns() == 1 ? "run" : "runs");
    }
}
