package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.Caption;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.MainFigure;
import io.scanline.trainer.evaluation.Retrieval;
import io.scanline.trainer.text.CaptionTexts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * What is measured of a model that looks at images, by its own graphs.
 *
 * @param stored the bundle
 * @param dataSet name of the data set
 * @param threads that share the images
 * @param progress told how many images are done, by several threads
 */
public record VisionFigures(StoredBundle stored, String dataSet, int threads, IntConsumer progress) {
    /** Per cent of the test images whose class is found. */
    public static final String ACCURACY = "accuracy";
    /** Per cent of the texts whose image is the nearest of all. */
    public static final String RETRIEVAL = "text_to_image_recall_1";

    private static final List<Integer> DEPTHS = List.of(1, 5, 10);
    private static final String PERCENT = "%";

    /** Figures of a classifier: the main one first, then what always naming the most frequent class would reach. */
    public List<Metric> classifier(ImageSet test, int testImages) throws IOException, OrtException, InterruptedException {
        int classes = stored.bundle().getClassifier().getClassNamesCount();
        float[] logits = new ImageAnswers(stored, threads).of(test, progress).get("logits");
        int[] right = new int[classes];
        int[] all = new int[classes];
        for (int n = 0; n < test.size(); n++) {
            all[test.labels()[n]]++;
            right[test.labels()[n]] += likeliest(logits, n, classes) == test.labels()[n] ? 1 : 0;
        }
        double mean = 0;
        long present = Arrays.stream(all).filter(count -> count > 0).count();
        for (int label = 0; label < classes; label++) {
            mean += all[label] == 0 ? 0 : 100.0 * right[label] / all[label] / present;
        }
        String protocol = "%s %d of %d %s test images, %d classes"
                .formatted(test.size() < testImages ? "the first" : "all", test.size(), testImages, dataSet, classes);
        return List.of(
                metric(ACCURACY, 100.0 * Arrays.stream(right).sum() / test.size(), protocol),
                metric(
                        MainFigure.CHANCE + ACCURACY,
                        100.0 * Arrays.stream(all).max().orElseThrow() / test.size(),
                        protocol + ", always naming the most frequent one"),
                metric("class_accuracy", mean, protocol + ", mean over classes"));
    }

    /** The class with the largest logit, the first of several. */
    static int likeliest(float[] logits, int n, int classes) {
        int best = 0;
        for (int label = 1; label < classes; label++) {
            best = logits[n * classes + label] > logits[n * classes + best] ? label : best;
        }
        return best;
    }

    /** Figures of a model of images and texts: the main one first, then what guessing would reach. */
    public List<Metric> embedding(CaptionedImages images) throws IOException, OrtException, InterruptedException {
        try (VisionSession session = new VisionSession(stored)) {
            List<Metric> figures = new ArrayList<>();
            ImageSet test = images.images().test();
            Vectors vectors = vectors(session, images, test);
            String protocol = "%s test set: %d images and their %d texts as candidates, texts unseen in training"
                    .formatted(dataSet, test.size(), test.size());
            figures.addAll(retrieval("text_to_image", vectors.texts, vectors.images, protocol));
            figures.addAll(retrieval("image_to_text", vectors.images, vectors.texts, protocol));
            addGroups(figures, images.of(test), vectors, protocol);
            if (images.unseenStyle().isPresent()) {
                ImageSet other = images.unseenStyle().get();
                Vectors drawn = vectors(session, images, other);
                String unseen = ("%s: %d images in the style %s, which is unseen in training, and their %d texts as"
                                + " candidates, subjects seen in training")
                        .formatted(dataSet, other.size(), images.of(other).get(0).style(), other.size());
                figures.addAll(retrieval("unseen_style_image_to_text", drawn.images, drawn.texts, unseen));
                figures.addAll(retrieval("unseen_style_text_to_image", drawn.texts, drawn.images, unseen));
            }
            return figures;
        }
    }

    private record Vectors(float[] images, float[] texts) {}

    private Vectors vectors(VisionSession session, CaptionedImages images, ImageSet some)
            throws IOException, OrtException, InterruptedException {
        List<String> texts = images.of(some).stream().map(Caption::text).toList();
        return new Vectors(
                new ImageAnswers(stored, threads).of(some, progress).get(VisionSession.EMBEDDING), read(session, texts));
    }

    /** Vectors of texts, as a server is asked for them. */
    static float[] read(VisionSession session, List<String> texts) throws OrtException {
        return session.read(CaptionTexts.tokens(session.tokenizer(), texts));
    }

    private List<Metric> retrieval(String name, float[] queries, float[] candidates, String protocol) {
        Retrieval found = Retrieval.of(queries, candidates, stored.bundle().getEmbedding().getDimensions());
        List<Metric> figures = new ArrayList<>();
        for (int depth : DEPTHS) {
            String figure = name + "_recall_" + depth;
            figures.add(metric(figure, found.recall(depth), protocol));
            figures.add(metric(MainFigure.CHANCE + figure, found.chance(depth), protocol + ", by guessing"));
        }
        figures.add(BundleWriter.metric(name + "_median_rank", found.medianRank(), "", protocol));
        return figures;
    }

    /** Of data sets with several captions of the same subjects: whether the right one of them is found. */
    private void addGroups(List<Metric> figures, List<Caption> captions, Vectors vectors, String protocol) {
        List<String> subjects = captions.stream().map(Caption::subject).distinct().toList();
        if (subjects.size() == captions.size()) {
            return;
        }
        int[] groups = captions.stream().mapToInt(caption -> subjects.indexOf(caption.subject())).toArray();
        int dimensions = stored.bundle().getEmbedding().getDimensions();
        figures.add(metric(
                "arrangement_accuracy",
                Retrieval.withinGroups(vectors.images, vectors.texts, dimensions, groups),
                protocol + ", choosing among the texts with the same subjects only"));
    }

    private static Metric metric(String name, double value, String protocol) {
        return BundleWriter.metric(name, value, PERCENT, protocol);
    }
}
