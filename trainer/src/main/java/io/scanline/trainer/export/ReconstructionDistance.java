package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.ImageFeatures;
import io.scanline.trainer.evaluation.MainFigure;
import io.scanline.trainer.training.FrechetDistance;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;

/**
 * How far reconstructions of test images are from these, as sets, by features of both: what is made up well costs
 * nothing here, and blur does, where a squared error has it the other way round.
 *
 * @param stored the bundle
 * @param dataSet name of the data set
 * @param testImages how many test images that has
 * @param threads that share the images
 */
public record ReconstructionDistance(StoredBundle stored, String dataSet, int testImages, int threads) {
    /** Name of the figure. */
    public static final String NAME = "reconstruction_" + GeneratorFigures.DISTANCE;

    /**
     * The distance, and that of as many training images.
     *
     * @param progress told how many images have been reconstructed
     */
    public List<Metric> of(ImageSet training, ImageSet test, ImageFeatures features, IntConsumer progress)
            throws OrtException, InterruptedException {
        double[][] real = features.describe(test).features();
        double[][] made = features.describe(reconstructions(test, progress)).features();
        ImageSet others = GeneratorFigures.some(training, test.size());
        String protocol = String.format(
                Locale.ROOT,
                "%s %,d test images of %s against their reconstructions, by %s; not comparable with published"
                        + " distances, which are by another network",
                test.size() < testImages ? "the first" : "all",
                test.size(),
                dataSet,
                features.name());
        return List.of(
                BundleWriter.metric(NAME, FrechetDistance.of(real, made), "", protocol),
                BundleWriter.metric(
                        MainFigure.REAL + NAME,
                        FrechetDistance.of(real, features.describe(others).features()),
                        "",
                        protocol + "; training images in place of reconstructions"));
    }

    /** Images from latents of images, or from the means of their distributions. */
    ImageSet reconstructions(ImageSet images, IntConsumer progress) throws OrtException, InterruptedException {
        int length = images.valuesPerImage();
        byte[] values = new byte[images.values().length];
        new ImageSums(stored, Math.min(threads, images.size()))
                .of(
                        images,
                        0,
                        (session, some, first, nothing) -> {
                            float[] decoded = session.decode(session.latents(session.encode(some))).get("image");
                            for (int n = 0; n < some.size(); n++) {
                                System.arraycopy(session.levels(decoded, n), 0, values, (first + n) * length, length);
                            }
                        },
                        progress);
        return new ImageSet(
                values, images.labels(), images.width(), images.height(), images.channels(), images.levels(),
                images.classNames());
    }
}
