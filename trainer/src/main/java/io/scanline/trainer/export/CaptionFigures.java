package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.Caption;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.MainFigure;
import io.scanline.trainer.evaluation.WordMatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;

/**
 * Whether what a bundle says of images is what they are called, and what always saying the most frequent text of the training would
 * reach, by {@link ReadImages}. Where a style was kept from the training, its images, of subjects seen in others, come first.
 *
 * @param stored the bundle
 * @param dataSet name of the data set
 * @param progress told how many images are done
 */
public record CaptionFigures(StoredBundle stored, String dataSet, IntConsumer progress) {
    /** Per cent of the images whose caption is exactly one of their texts. */
    public static final String EXACT = "exact_match";
    /** The same of a style that was kept from the training. */
    public static final String UNSEEN_STYLE = "unseen_style_";

    private static final String WORDS = "word_f1";

    /**
     * The figures, the main one first.
     *
     * @param images levels
     * @param most test images, and images in an unseen style, that are used
     */
    public List<Metric> of(CaptionedImages images, int most) throws IOException, OrtException {
        try (CaptionSession session = new CaptionSession(stored)) {
            List<Metric> figures = new ArrayList<>();
            int done = 0;
            if (images.unseenStyle().isPresent()) {
                ImageSet other = first(images.unseenStyle().get(), most);
                String protocol = "%s: %d images in the style %s, which is unseen in training, subjects seen in training"
                        .formatted(dataSet, other.size(), images.of(other).get(0).style());
                figures.addAll(of(session, UNSEEN_STYLE, images, other, protocol, done));
                done = other.size();
            }
            ImageSet test = first(images.images().test(), most);
            String protocol = "%s test set: %s %d images, whose texts are unseen in training"
                    .formatted(dataSet, test.size() < images.images().test().size() ? "the first" : "all", test.size());
            figures.addAll(of(session, "", images, test, protocol, done));
            return figures;
        }
    }

    /** Images that {@link #of} uses. */
    public static int count(CaptionedImages images, int most) {
        return first(images.images().test(), most).size()
                + images.unseenStyle().map(other -> first(other, most).size()).orElse(0);
    }

    private static ImageSet first(ImageSet images, int most) {
        return images.first(Math.min(most, images.size()));
    }

    private List<Metric> of(
            CaptionSession session, String prefix, CaptionedImages images, ImageSet some, String protocol, int before)
            throws OrtException {
        List<Caption> captions = images.of(some);
        ReadImages read = new ReadImages(session);
        List<WordMatch> matches = read.matches(some, captions, done -> progress.accept(before + done));
        String usual = usual(images);
        List<WordMatch> guessed =
                captions.stream().map(caption -> read.match(usual, caption)).toList();
        String how = protocol + ", the likeliest id at every step";
        String guess = protocol + ", always saying \"" + usual + "\", the most frequent text of the training";
        return List.of(
                figure(prefix + EXACT, WordMatch.exactPercent(matches), how),
                figure(MainFigure.CHANCE + prefix + EXACT, WordMatch.exactPercent(guessed), guess),
                figure(prefix + WORDS, WordMatch.meanF1(matches), how + ", F1 of the words"),
                figure(MainFigure.CHANCE + prefix + WORDS, WordMatch.meanF1(guessed), guess + ", F1 of the words"));
    }

    /** The text that most training images have, the first in alphabetical order of several. */
    private static String usual(CaptionedImages images) {
        Map<String, Long> counts = images.of(images.images().training()).stream()
                .map(Caption::text)
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
        return counts.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    private static Metric figure(String name, double value, String protocol) {
        return BundleWriter.metric(name, value, "%", protocol);
    }
}
