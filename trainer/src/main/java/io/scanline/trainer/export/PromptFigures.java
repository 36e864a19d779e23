package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.Caption;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.Quantiser;
import io.scanline.trainer.evaluation.MainFigure;
import io.scanline.trainer.evaluation.Paired;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * Whether images that are drawn of captions show what these say, as a judge of images and texts sees it: the cosine of image
 * and caption beside that of image and another's caption (the CLIP score of Hessel et al. 2021, arXiv 2104.08718, without its
 * factor), and whether the caption is told from wrong ones. Real images in place of drawn ones say what the judge can see.
 *
 * @param stored the bundle that draws
 * @param judge one of images and texts
 * @param reader a captioner, which knows nothing of the judge's choice: counts what it calls as the caption does
 * @param dataSet name of the data set
 * @param candidates images of a caption
 * @param guidance of classifier-free guidance; 1: none
 * @param threads that judge
 */
public record PromptFigures(
        StoredBundle stored,
        StoredBundle judge,
        Optional<StoredBundle> reader,
        String dataSet,
        int candidates,
        float guidance,
        int threads) {
    /** Mean cosine of images and their captions, times 100. */
    static final String SCORE = "clip_score";

    private static final String SEEN = "seen_";
    private static final String RIGHT = "right_";
    static final String BEST_OF = "_best_of_";
    static final String PERCENT = "%";

    /**
     * The figures of captions that the model has not learned, and of as many that it has, named "seen_".
     *
     * @param captions of the labels
     * @param training images of 8 bits
     * @param test images of 8 bits
     * @param wrong of a caption: other texts, by what is wrong about them, which is the same for all captions; none where
     *     nothing of the kind is known
     * @param progress told how many captions have been drawn
     */
    public List<Metric> of(
            CaptionedImages captions,
            ImageSet training,
            ImageSet test,
            Function<Caption, Map<String, List<String>>> wrong,
            IntConsumer progress)
            throws IOException, OrtException, InterruptedException {
        List<Metric> figures = new ArrayList<>(of(captions, test, "test", wrong, progress));
        ImageSet learned = captions.oneOfEach(training, test.size());
        of(captions, learned, "training", wrong, done -> progress.accept(test.size() + done)).stream()
                .map(figure -> figure.toBuilder().setName(SEEN + figure.getName()).build())
                .forEach(figures::add);
        return figures;
    }

    private List<Metric> of(
            CaptionedImages captions,
            ImageSet test,
            String part,
            Function<Caption, Map<String, List<String>>> wrong,
            IntConsumer progress)
            throws IOException, OrtException, InterruptedException {
        TestTexts texts = TestTexts.of(captions, test);
        ImageSet real = new Quantiser(stored.bundle().getGeometry().getLevels()).quantise(texts.images());
        ImageSet drawn = new DrawnCandidates(stored, candidates, guidance).of(texts.texts(), progress);
        Map<String, Integer> places = new LinkedHashMap<>();
        List<Map<String, List<String>>> alternatives =
                captions.of(test).stream().map(wrong).toList();
        float[] read = read(texts, alternatives, places);
        JudgedImages drawnJudged = new JudgedImages(looks(drawn), candidates, read, dimensions());
        JudgedImages realJudged = new JudgedImages(looks(real), 1, read, dimensions());
        String how = protocol(test.size(), part);
        String asReal = how + "; these images in place of drawn ones";
        int[] own = own(texts, places);
        int[] others = Arrays.stream(texts.others()).map(label -> places.get(texts.texts().get(label))).toArray();
        List<Metric> figures = new ArrayList<>();
        figures.addAll(scores("", drawnJudged, own, others, how));
        figures.addAll(scores(MainFigure.REAL, realJudged, own, others, asReal));
        int[][] allOthers = Arrays.stream(own)
                .mapToObj(right -> Arrays.stream(own).filter(text -> text != right).distinct().toArray())
                .toArray(int[][]::new);
        figures.addAll(right("caption", drawnJudged, realJudged, own, allOthers, how, asReal));
        for (String what : kinds(alternatives)) {
            int[][] wrongs = alternatives.stream()
                    .map(kinds -> kinds.get(what).stream().mapToInt(places::get).toArray())
                    .toArray(int[][]::new);
            figures.addAll(right(what, drawnJudged, realJudged, own, wrongs, how, asReal));
        }
        if (reader.isPresent()) {
            figures.addAll(new NamedFigures(reader.get(), candidates, captions.of(test))
                    .of(drawn, drawnJudged.bestIndices(own), real, how, asReal));
        }
        return figures;
    }

    /**
     * Refuses a judge that cannot judge, and a reader that cannot read.
     *
     * @throws IOException when one sees other images, the judge reads nothing, or the reader says nothing
     */
    public void checkJudge() throws IOException {
        Bundle bundle = judge.bundle();
        if (!bundle.hasEmbedding() || judge.graph(VisionSession.TEXT_ENCODER).isEmpty()) {
            throw new IOException("--judge: " + bundle.getName() + " does not tell how near a text is to an image");
        }
        checkSees("--judge", bundle);
        if (reader.isPresent()) {
            Bundle reading = reader.get().bundle();
            if (!reading.hasCaptioning()) {
                throw new IOException("--reader: " + reading.getName() + " does not put images into words");
            }
            checkSees("--reader", reading);
        }
    }

    private void checkSees(String option, Bundle bundle) throws IOException {
        ImageGeometry seen = bundle.getGeometry();
        ImageGeometry drawn = stored.bundle().getGeometry();
        if (seen.getWidth() != drawn.getWidth()
                || seen.getHeight() != drawn.getHeight()
                || seen.getChannels() != drawn.getChannels()
                || seen.getLevels() != drawn.getLevels()) {
            throw new IOException(option + ": " + bundle.getName() + " sees images of another shape than "
                    + stored.bundle().getName() + " draws");
        }
    }

    private int dimensions() {
        return judge.bundle().getEmbedding().getDimensions();
    }

    private float[] looks(ImageSet images) throws IOException, OrtException, InterruptedException {
        return new ImageAnswers(judge, threads).of(images, done -> {}).get(VisionSession.EMBEDDING);
    }

    /** Vectors of all texts that there is to choose from, one behind the other, and their places. */
    private float[] read(TestTexts test, List<Map<String, List<String>>> alternatives, Map<String, Integer> places)
            throws IOException, OrtException {
        Set<String> all = new LinkedHashSet<>(test.texts());
        alternatives.forEach(kinds -> kinds.values().forEach(all::addAll));
        all.forEach(text -> places.put(text, places.size()));
        try (VisionSession session = new VisionSession(judge)) {
            return VisionFigures.read(session, List.copyOf(all));
        }
    }

    private static int[] own(TestTexts test, Map<String, Integer> places) {
        return Arrays.stream(test.images().labels())
                .map(label -> places.get(test.texts().get(label)))
                .toArray();
    }

    private static Set<String> kinds(List<Map<String, List<String>>> alternatives) {
        return alternatives.isEmpty() ? Set.of() : alternatives.get(0).keySet();
    }

    private List<Metric> scores(String prefix, JudgedImages judged, int[] own, int[] others, String how) {
        Paired score = judged.score(own);
        Paired another = judged.score(others);
        Paired margin = score.less(another);
        List<Metric> figures = new ArrayList<>(List.of(
                figure(prefix + SCORE, score.mean(), how),
                figure(prefix + SCORE + "_shuffled_captions", another.mean(), how + "; another image's caption"),
                figure(prefix + SCORE + "_margin", margin.mean(), how + "; above another image's caption")));
        if (own.length > 1) {
            figures.add(figure(
                    prefix + SCORE + "_margin_standard_error", margin.standardError(), how + "; over captions"));
        }
        if (judged.each() > 1) {
            figures.add(figure(
                    prefix + SCORE + best(judged), judged.best(own).score(own).mean(), how + ranked(judged.each())));
        }
        return figures;
    }

    private static Metric figure(String name, double value, String how) {
        return BundleWriter.metric(name, value, "", how);
    }

    private static String best(JudgedImages judged) {
        return BEST_OF + judged.each();
    }

    static String ranked(int candidates) {
        return "; of " + candidates + " images of a caption the one that the judge itself puts first";
    }

    private static List<Metric> right(
            String what, JudgedImages drawn, JudgedImages real, int[] own, int[][] wrong, String how, String asReal) {
        double alternatives = Arrays.stream(wrong).mapToInt(texts -> texts.length).average().orElse(0);
        String choice = String.format(
                Locale.ROOT, "; the caption against %.0f with another %s, in the mean over captions", alternatives, what);
        String name = RIGHT + what;
        double chance = Arrays.stream(wrong).mapToDouble(texts -> 100.0 / (1 + texts.length)).average().orElse(0);
        List<Metric> figures = new ArrayList<>(List.of(
                BundleWriter.metric(name, drawn.right(own, wrong), PERCENT, how + choice),
                BundleWriter.metric(MainFigure.REAL + name, real.right(own, wrong), PERCENT, asReal + choice),
                BundleWriter.metric(MainFigure.CHANCE + name, chance, PERCENT, "by guessing" + choice)));
        if (drawn.each() > 1) {
            figures.add(BundleWriter.metric(
                    name + best(drawn), drawn.best(own).right(own, wrong), PERCENT, how + choice + ranked(drawn.each())));
        }
        return figures;
    }

    private String protocol(int captions, String part) {
        return String.format(
                Locale.ROOT,
                "%d images of each of the captions of %d %s images of %s, guidance %s, temperature 1, seed %d; judged by %s/%s",
                candidates,
                captions,
                part,
                dataSet,
                guidance,
                DrawnCandidates.SEED,
                judge.bundle().getName(),
                judge.bundle().getVersion());
    }
}
