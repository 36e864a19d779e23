package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.ImageFeatures;
import io.scanline.trainer.evaluation.ImageFeatures.Described;
import io.scanline.trainer.evaluation.MainFigure;
import io.scanline.trainer.evaluation.SampleSupport;
import io.scanline.trainer.training.FrechetDistance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * What is measured of a model that only draws: as many of its samples as there are test images, of the same classes, are
 * compared with these by features of both. Training images in place of the samples say what is as good as real.
 *
 * @param stored the bundle
 * @param dataSet name of the data set
 * @param testImages how many test images that has
 */
public record GeneratorFigures(StoredBundle stored, String dataSet, int testImages) {
    /** Name of the main figure. */
    public static final String DISTANCE = "frechet_distance";

    private static final long SEED = 1;
    private static final int BATCH = 50;
    /** Of precision and recall, whose work grows with the square. */
    private static final int MOST_COMPARED = 2000;
    /** A class is covered when it has at least this share of the samples that it has of real images. */
    private static final double COVERED = 0.5;

    /**
     * The figures, the Frechet distance first.
     *
     * @param training some of which are compared with the test images as samples are
     * @param progress told how many samples have been drawn
     */
    public List<Metric> of(ImageSet training, ImageSet test, ImageFeatures features, IntConsumer progress)
            throws OrtException {
        Described real = features.describe(test);
        Described drawn = features.describe(samples(test, progress));
        Described other = features.describe(some(training, test.size()));
        String protocol = String.format(
                Locale.ROOT,
                "%s of %,d test images of %s against as many samples of the same classes, temperature 1, seed %d; by %s;"
                        + " not comparable with published distances, which are by another network",
                test.size() < testImages ? "the first" : "all",
                test.size(),
                dataSet,
                SEED,
                features.name());
        String asReal = protocol + "; training images in place of samples";
        List<Metric> figures = new ArrayList<>();
        figures.add(BundleWriter.metric(
                DISTANCE, FrechetDistance.of(real.features(), drawn.features()), "", protocol));
        figures.add(BundleWriter.metric(
                MainFigure.REAL + DISTANCE, FrechetDistance.of(real.features(), other.features()), "", asReal));
        figures.addAll(support("", real, drawn, protocol));
        figures.addAll(support(MainFigure.REAL, real, other, asReal));
        if (drawn.classes().isPresent()) {
            figures.addAll(classes(test, real.classes().orElseThrow(), drawn.classes().orElseThrow(), protocol));
        }
        return figures;
    }

    private ImageSet samples(ImageSet like, IntConsumer progress) throws OrtException {
        int length = like.valuesPerImage();
        byte[] values = new byte[like.size() * length];
        try (LatentSession session = new LatentSession(stored)) {
            for (int first = 0; first < like.size(); first += BATCH) {
                int end = Math.min(like.size(), first + BATCH);
                List<Integer> labels = Arrays.stream(like.labels(), first, end).boxed().toList();
                List<byte[]> images = GeneratorSheet.images(session, SEED, first, labels, 1);
                for (int n = 0; n < images.size(); n++) {
                    System.arraycopy(images.get(n), 0, values, (first + n) * length, length);
                }
                progress.accept(end);
            }
        }
        return new ImageSet(
                values, like.labels(), like.width(), like.height(), like.channels(), like.levels(), like.classNames());
    }

    /** So many images by chance, or all. */
    static ImageSet some(ImageSet images, int count) {
        return images.select(new Random(SEED)
                .ints(0, images.size())
                .distinct()
                .limit(Math.min(count, images.size()))
                .toArray());
    }

    private static List<Metric> support(String prefix, Described real, Described drawn, String protocol) {
        SampleSupport support = SampleSupport.of(compared(real), compared(drawn));
        String how = String.format(
                Locale.ROOT,
                "%s; the first %,d of each, %d neighbours",
                protocol,
                Math.min(MOST_COMPARED, real.features().length),
                SampleSupport.NEIGHBOURS);
        return List.of(
                BundleWriter.metric(prefix + "precision", support.precision(), "share of samples", how),
                BundleWriter.metric(prefix + "recall", support.recall(), "share of real images", how));
    }

    private static double[][] compared(Described images) {
        return Arrays.copyOf(images.features(), Math.min(MOST_COMPARED, images.features().length));
    }

    private List<Metric> classes(ImageSet test, int[] real, int[] drawn, String protocol) {
        int count = test.classNames().size();
        long covered = IntStream.range(0, count)
                .filter(label -> share(drawn, label) >= COVERED * share(real, label))
                .count();
        List<Metric> figures = new ArrayList<>();
        figures.add(BundleWriter.metric(
                "classes_covered",
                covered,
                "classes of " + count,
                protocol + "; judged to be of a class at least half as often as real images"));
        if (stored.bundle().hasConditioning()) {
            figures.add(agreement("", drawn, test, protocol));
            figures.add(agreement(MainFigure.REAL, real, test, protocol + "; test images in place of samples"));
        }
        return figures;
    }

    static Metric agreement(String prefix, int[] judged, ImageSet asked, String protocol) {
        long agreed = IntStream.range(0, judged.length).filter(n -> judged[n] == asked.labels()[n]).count();
        return BundleWriter.metric(
                prefix + "class_agreement",
                (double) agreed / judged.length,
                "share judged to be of their class",
                protocol);
    }

    private static double share(int[] classes, int label) {
        return (double) Arrays.stream(classes).filter(judged -> judged == label).count() / classes.length;
    }
}
