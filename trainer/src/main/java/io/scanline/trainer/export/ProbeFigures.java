package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.evaluation.MainFigure;
import io.scanline.trainer.training.LinearProbe;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * How well classes can be told by an affine map of what a bundle makes of images, beside the same of their intensities.
 *
 * @param vectors what it makes of them
 * @param dataSet name of the data set
 * @param penalty see {@link LinearProbe}
 */
public record ProbeFigures(ImageVectors vectors, String dataSet, double penalty) {
    private static final String ACCURACY = "linear_probe_accuracy";

    /**
     * The accuracy on test images, that of always saying the commonest class of the training images, and that of a
     * probe of intensities.
     *
     * @param progress told how many training and test images are done, by several threads
     */
    public List<Metric> of(TrainTest images, IntConsumer progress)
            throws IOException, OrtException, InterruptedException {
        ImageSet training = images.training();
        ImageSet test = images.test();
        float[] known = vectors.of(training, progress);
        float[] asked = vectors.of(test, done -> progress.accept(training.size() + done));
        String protocol = String.format(
                Locale.ROOT,
                "%,d test images of %s, %d classes; logistic regression on %,d training images, penalty %.3g, by ",
                test.size(),
                dataSet,
                test.classNames().size(),
                training.size(),
                penalty);
        int commonest = commonest(training);
        int[] always = new int[test.size()];
        Arrays.fill(always, commonest);
        return List.of(
                figure(ACCURACY, test, probed(known, training, asked), protocol
                        + known.length / training.size() + " numbers: " + vectors.name()),
                figure(MainFigure.CHANCE + ACCURACY, test, always, protocol
                        + "nothing: always " + training.classNames().get(commonest)),
                figure("pixel_" + ACCURACY, test, probed(intensities(training), training, intensities(test)), protocol
                        + training.valuesPerImage() + " numbers: intensities"));
    }

    private int[] probed(float[] known, ImageSet training, float[] asked) {
        return LinearProbe.fit(known, training.labels(), training.classNames().size(), penalty).classify(asked);
    }

    private static Metric figure(String name, ImageSet test, int[] found, String protocol) {
        long right = IntStream.range(0, found.length).filter(n -> found[n] == test.labels()[n]).count();
        return BundleWriter.metric(name, 100.0 * right / found.length, "%", protocol);
    }

    private static int commonest(ImageSet images) {
        int[] counts = new int[images.classNames().size()];
        for (int label : images.labels()) {
            counts[label]++;
        }
        return IntStream.range(0, counts.length)
                .reduce(0, (best, label) -> counts[label] > counts[best] ? label : best);
    }

    private static float[] intensities(ImageSet images) {
        float[] intensities = new float[images.values().length];
        for (int i = 0; i < intensities.length; i++) {
            intensities[i] = (images.values()[i] & 0xFF) / (images.levels() - 1f);
        }
        return intensities;
    }
}
