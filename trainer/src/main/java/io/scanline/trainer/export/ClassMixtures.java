package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.Metric;
import io.scanline.contract.CounterRandom;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.ImageFeatures;
import io.scanline.trainer.evaluation.ImageFeatures.Described;
import io.scanline.trainer.evaluation.MainFigure;
import io.scanline.trainer.report.SampleSheet;
import io.scanline.trainer.training.FrechetDistance;
import io.scanline.trainer.training.GaussianMixture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * A sampler by class for an autoencoder that knows of no classes: a mixture of normal distributions for the latents of
 * every class, fitted after the training (Ghosh et al. 2020, "From variational to deterministic autoencoders", arXiv
 * 1903.12436, section 4).
 *
 * @param session of the model
 * @param mixtures of every class
 * @param classNames of the same
 */
public record ClassMixtures(LatentSession session, List<GaussianMixture> mixtures, List<String> classNames) {
    private static final int SCALE = 3;
    private static final int BATCH = 50;
    /** Latents of a component for each of their numbers: a covariance of fewer is all noise. */
    private static final int LEAST_SHARE = 2;

    /**
     * Fits one to the latents of training images. A class with few images gets fewer components: see
     * {@link #components}.
     *
     * @param latents one behind the other
     * @param most components of a class
     * @throws IOException when a class has no images
     */
    public static ClassMixtures fit(LatentSession session, float[] latents, ImageSet training, int most, long seed)
            throws IOException {
        int width = session.size();
        List<GaussianMixture> mixtures = new ArrayList<>();
        for (int label = 0; label < training.classNames().size(); label++) {
            int wanted = label;
            int[] own = IntStream.range(0, training.size())
                    .filter(n -> training.labels()[n] == wanted)
                    .toArray();
            if (own.length == 0) {
                throw new IOException("no training image is of the class " + training.classNames().get(label));
            }
            float[] rows = new float[own.length * width];
            for (int n = 0; n < own.length; n++) {
                System.arraycopy(latents, own[n] * width, rows, n * width, width);
            }
            mixtures.add(GaussianMixture.fit(rows, width, components(own.length, width, most), seed + label));
        }
        return new ClassMixtures(session, mixtures, training.classNames());
    }

    /** Components of a class: each shall have twice as many images as a latent has numbers; at least one. */
    static int components(int images, int width, int most) {
        return Math.max(1, Math.min(most, images / (LEAST_SHARE * width)));
    }

    /** The latent of one image of a class, the same for the same seed and index. */
    float[] draw(int label, long seed, int index) {
        int width = session.size();
        double[] normals = new double[width];
        for (int i = 0; i < width; i++) {
            normals[i] = CounterRandom.normal(seed, index, i, 0);
        }
        double[] point = mixtures.get(label).draw(CounterRandom.uniform(seed, index, width, 0), normals);
        float[] latent = new float[width];
        for (int i = 0; i < width; i++) {
            latent[i] = (float) point[i];
        }
        return latent;
    }

    /** Draws a row of images for each of these classes. */
    public void write(List<Integer> labels, int columns, long seed, Path file) throws IOException, OrtException {
        var geometry = session.bundle().getGeometry();
        SampleSheet sheet =
                new SampleSheet(geometry.getWidth(), geometry.getHeight(), geometry.getChannels(), SCALE);
        LatentSheet shown = new LatentSheet(session);
        for (int label : labels) {
            float[] decoded = decode(Collections.nCopies(columns, label), seed + label, 0);
            sheet.row(classNames.get(label), shown.shown(decoded, columns));
        }
        sheet.write(file);
    }

    private float[] decode(List<Integer> labels, long seed, int first) throws OrtException {
        float[] latents = new float[labels.size() * session.size()];
        for (int n = 0; n < labels.size(); n++) {
            System.arraycopy(draw(labels.get(n), seed, first + n), 0, latents, n * session.size(), session.size());
        }
        return session.decode(latents).get("image");
    }

    /**
     * How far as many samples as there are test images, of the same classes, are from these, beside how far draws of
     * the model's own prior are, if it has one, and training images; and how many are judged to be of their class.
     *
     * @param progress told how many samples have been drawn
     */
    public List<Metric> figures(
            ImageSet training, ImageSet test, ImageFeatures features, String dataSet, long seed, IntConsumer progress)
            throws OrtException {
        Described real = features.describe(test);
        Described drawn = features.describe(samples(test, seed, progress, true));
        String protocol = String.format(
                Locale.ROOT,
                "%,d test images of %s against as many samples of the same classes, from mixtures of up to %d normal"
                        + " distributions a class, fitted to latents of training images, seed %d; by %s; not comparable"
                        + " with published distances, which are by another network",
                test.size(),
                dataSet,
                mixtures.stream().mapToInt(mixture -> mixture.weights().length).max().orElse(0),
                seed,
                features.name());
        String name = "mixture_" + GeneratorFigures.DISTANCE;
        List<Metric> figures = new ArrayList<>();
        figures.add(BundleWriter.metric(name, FrechetDistance.of(real.features(), drawn.features()), "", protocol));
        figures.add(BundleWriter.metric(
                MainFigure.REAL + name,
                FrechetDistance.of(
                        real.features(),
                        features.describe(GeneratorFigures.some(training, test.size())).features()),
                "",
                protocol + "; training images in place of samples"));
        if (session.bundle().getLatent().getKind() == LatentKind.LATENT_KIND_GAUSSIAN) {
            Described prior = features.describe(samples(test, seed, progress, false));
            figures.add(BundleWriter.metric(
                    "prior_" + GeneratorFigures.DISTANCE,
                    FrechetDistance.of(real.features(), prior.features()),
                    "",
                    protocol + "; draws of the model's prior in place of samples"));
        }
        if (drawn.classes().isPresent()) {
            figures.add(GeneratorFigures.agreement("", drawn.classes().orElseThrow(), test, protocol));
            figures.add(GeneratorFigures.agreement(
                    MainFigure.REAL,
                    real.classes().orElseThrow(),
                    test,
                    protocol + "; test images in place of samples"));
        }
        return figures;
    }

    private ImageSet samples(ImageSet like, long seed, IntConsumer progress, boolean byClass) throws OrtException {
        int length = like.valuesPerImage();
        byte[] values = new byte[like.values().length];
        for (int first = 0; first < like.size(); first += BATCH) {
            int begin = first;
            int count = Math.min(BATCH, like.size() - first);
            List<Integer> labels = IntStream.range(0, count).mapToObj(n -> like.labels()[begin + n]).toList();
            List<byte[]> images = new ArrayList<>();
            if (byClass) {
                float[] decoded = decode(labels, seed, first);
                IntStream.range(0, count).forEach(n -> images.add(session.levels(decoded, n)));
            } else {
                images.addAll(GeneratorSheet.images(session, seed, first, labels, 1));
            }
            for (int n = 0; n < count; n++) {
                System.arraycopy(images.get(n), 0, values, (first + n) * length, length);
            }
            progress.accept(first + count);
        }
        return new ImageSet(
                values, like.labels(), like.width(), like.height(), like.channels(), like.levels(), like.classNames());
    }
}
