package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.Caption;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.MainFigure;
import io.scanline.trainer.evaluation.WordMatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * How often a captioner calls images that were drawn of captions exactly what these say. It has no part in which candidate is
 * put first, so that it can be surprised.
 *
 * @param captioner the bundle
 * @param candidates images of a caption, one behind the other
 * @param captions one for each
 */
record NamedFigures(StoredBundle captioner, int candidates, List<Caption> captions) {
    private static final String NAMED = "named_caption";

    /**
     * The figures.
     *
     * @param drawn of all captions
     * @param best of each, where it is among all
     * @param real one for each caption
     * @param how images were drawn
     * @param asReal the same of real ones
     */
    List<Metric> of(ImageSet drawn, int[] best, ImageSet real, String how, String asReal)
            throws IOException, OrtException {
        Bundle bundle = captioner.bundle();
        String by = "; called exactly what the caption says by " + bundle.getName() + "/" + bundle.getVersion();
        try (CaptionSession session = new CaptionSession(captioner)) {
            ReadImages read = new ReadImages(session);
            List<Caption> each = captions.stream()
                    .flatMap(caption -> Collections.nCopies(candidates, caption).stream())
                    .toList();
            List<WordMatch> all = read.matches(drawn, each, done -> {});
            List<Metric> figures = new ArrayList<>(List.of(
                    figure(NAMED, all, how + by),
                    figure(MainFigure.REAL + NAMED, read.matches(real, captions, done -> {}), asReal + by)));
            if (candidates > 1) {
                List<WordMatch> ofBest = Arrays.stream(best).mapToObj(all::get).toList();
                figures.add(figure(
                        NAMED + PromptFigures.BEST_OF + candidates, ofBest, how + by + PromptFigures.ranked(candidates)));
            }
            return figures;
        }
    }

    private static Metric figure(String name, List<WordMatch> matches, String protocol) {
        return BundleWriter.metric(name, WordMatch.exactPercent(matches), PromptFigures.PERCENT, protocol);
    }
}
