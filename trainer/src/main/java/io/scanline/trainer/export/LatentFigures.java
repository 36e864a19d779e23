package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.Metric;
import io.scanline.contract.ImagePlanes;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.CodeUsage;
import io.scanline.trainer.evaluation.CountedFloor;
import io.scanline.trainer.evaluation.Edges;
import io.scanline.trainer.evaluation.Likelihood;
import io.scanline.trainer.evaluation.Reconstruction;
import io.scanline.trainer.training.PrincipalComponents;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * What is measured of a latent model on test images, by its own graphs.
 *
 * @param stored the bundle
 * @param dataSet name of the data set
 * @param testImages how many test images that has
 */
public record LatentFigures(StoredBundle stored, String dataSet, int testImages) {
    /** Name of the figure of a bundle with binarised values. */
    public static final String EVIDENCE_BOUND = "evidence_bound";
    private static final String BITS = "bits_per_dim_bound";
    private static final String SQUARED_ERROR = "squared_error";
    private static final String SIGNAL_TO_NOISE = "psnr";
    /** What a squared error does not see, and averages away: how much of the images' contrast is left. */
    private static final String SHARPNESS = "sharpness";
    /** The same of squares, which blur lowers even where contrast is left; see {@link Edges}. */
    private static final String EDGE_ENERGY = "edge_energy";

    /** Latents of an image, and how many test images they are drawn for: the work is their product. */
    private record Draws(int latents, int images) {}

    private static final List<Draws> BINARY =
            List.of(new Draws(1, Integer.MAX_VALUE), new Draws(50, Integer.MAX_VALUE), new Draws(5000, 500));
    /** Without 5000, because the likelihood of a level costs many times that of a bit. */
    private static final List<Draws> LEVELS = List.of(new Draws(1, Integer.MAX_VALUE), new Draws(50, 500));

    /**
     * The figures, the one that the model is judged by first and what it is held against, if anything, second.
     *
     * @param training images that floors and principal components are computed from
     * @param progress told how many test images are done; starts anew for every figure
     */
    public List<Metric> of(ImageSet training, ImageSet test, int threads, IntConsumer progress)
            throws OrtException, InterruptedException {
        ImageSums sums = new ImageSums(stored, Math.min(threads, test.size()));
        Bundle bundle = stored.bundle();
        int size = bundle.getLatent().getShapeList().stream().reduce(1, Math::multiplyExact);
        if (bundle.getLatent().getKind() == LatentKind.LATENT_KIND_GAUSSIAN) {
            List<Metric> figures = bounds(sums, training, test, progress);
            if (test.levels() > 2) {
                figures.addAll(reconstruction(sums, test, progress));
                figures.addAll(principal(training, test, size));
            }
            return figures;
        }
        List<Metric> figures = reconstruction(sums, test, progress);
        figures.addAll(
                bundle.getLatent().getKind() == LatentKind.LATENT_KIND_TOKENS
                        ? usage(sums, test, size, progress)
                        : principal(training, test, size));
        return figures;
    }

    private List<Metric> bounds(ImageSums sums, ImageSet training, ImageSet test, IntConsumer progress)
            throws OrtException, InterruptedException {
        List<Metric> figures = new ArrayList<>();
        boolean binary = test.levels() == 2;
        for (Draws draws : binary ? BINARY : LEVELS) {
            ImageSet images = test.first(draws.images());
            double nats = sums.of(images, 1, new LatentBound(draws.latents()), progress)[0];
            Likelihood bound = new Likelihood(nats, images.size(), images.valuesPerImage());
            String suffix = draws.latents() == 1 ? "" : "_" + draws.latents();
            String protocol = protocol(images.size())
                    + String.format(
                            Locale.ROOT, "; upper bound on -log p(x) with %,d latents an image", draws.latents());
            if (images.size() < test.size()) { // some images are easier than others
                double single = sums.of(images, 1, new LatentBound(1), progress)[0] / images.size();
                protocol += String.format(Locale.ROOT, "; with one latent the same images have %.2f nats", single);
            }
            figures.add(
                    binary
                            ? BundleWriter.metric(EVIDENCE_BOUND + suffix, bound.natsPerImage(), "nats/image", protocol)
                            : BundleWriter.metric(BITS + suffix, bound.bitsPerDim(), "bits/dim", protocol));
            if (draws.latents() == 1) {
                CountedFloor floor = CountedFloor.lowest(training, test);
                figures.add(BundleWriter.metric(
                        "counted_floor",
                        binary ? floor.likelihood().natsPerImage() : floor.likelihood().bitsPerDim(),
                        binary ? "nats/image" : "bits/dim",
                        protocol(test.size()) + "; exact likelihood by count table: " + floor.name()));
            }
        }
        return figures;
    }

    /** From the latent itself, or from the mean of its distribution. */
    private List<Metric> reconstruction(ImageSums sums, ImageSet test, IntConsumer progress)
            throws OrtException, InterruptedException {
        double[] found = sums.of(test, 5, LatentFigures::compare, progress);
        Reconstruction error = new Reconstruction(found[0], (long) test.size() * test.valuesPerImage());
        String protocol = protocol(test.size()) + "; reconstruction of intensities in [0, 1]";
        return new ArrayList<>(List.of(
                BundleWriter.metric(SQUARED_ERROR, error.meanSquaredError(), "", protocol),
                BundleWriter.metric(
                        SIGNAL_TO_NOISE, error.signalToNoise(), "dB", protocol + "; of the mean squared error"),
                BundleWriter.metric(
                        SHARPNESS,
                        found[2] / found[1],
                        "of the images",
                        protocol + "; sum of absolute differences between neighbours, over that of the images"),
                BundleWriter.metric(
                        EDGE_ENERGY,
                        found[4] / found[3],
                        "of the images",
                        protocol + "; sum of squared differences between neighbours, colours times alpha, over that of"
                                + " the images: 1 is as sharp as they are, blur makes it less")));
    }

    /** Adds squared errors, and what edges of images and of their reconstructions there are. */
    private static void compare(LatentSession session, List<byte[]> images, int first, double[] sums)
            throws OrtException {
        Map<String, float[]> encoded = session.encode(images);
        float[] decoded = session.decode(session.latents(encoded)).get("image");
        ImagePlanes planes = new ImagePlanes(session.bundle().getGeometry());
        float[] intensities = new float[planes.values()];
        for (int n = 0; n < images.size(); n++) {
            planes.fromLevels(images.get(n), intensities, 0);
            for (int i = 0; i < intensities.length; i++) {
                double difference = (double) intensities[i] - decoded[n * intensities.length + i];
                sums[0] += difference * difference;
            }
            Edges original = edges(session.bundle().getGeometry(), intensities, 0);
            Edges made = edges(session.bundle().getGeometry(), decoded, n * intensities.length);
            sums[1] += original.absolute();
            sums[2] += made.absolute();
            sums[3] += original.energy();
            sums[4] += made.energy();
        }
    }

    private static Edges edges(ImageGeometry geometry, float[] planes, int from) {
        return Edges.of(planes, from, geometry.getChannels(), geometry.getHeight(), geometry.getWidth());
    }

    private List<Metric> principal(ImageSet training, ImageSet test, int size) {
        int components = Math.min(size, test.valuesPerImage());
        double error = PrincipalComponents.of(training, components).squaredError(test);
        String protocol = protocol(test.size()) + "; " + components + " principal components of the training images";
        return List.of(
                BundleWriter.metric("pca_" + SQUARED_ERROR, error, "", protocol),
                BundleWriter.metric("pca_" + SIGNAL_TO_NOISE, Reconstruction.signalToNoise(error), "dB", protocol));
    }

    private List<Metric> usage(ImageSums sums, ImageSet test, int tokens, IntConsumer progress)
            throws OrtException, InterruptedException {
        double[] counts = sums.of(
                test,
                stored.bundle().getLatent().getCodes(),
                (session, images, first, sum) -> {
                    for (float token : session.encode(images).get("tokens")) {
                        sum[(int) token]++;
                    }
                },
                progress);
        CodeUsage usage = new CodeUsage(Arrays.stream(counts).mapToLong(count -> (long) count).toArray());
        String protocol = protocol(test.size()) + String.format(
                Locale.ROOT, "; %d tokens an image of %d codes", tokens, counts.length);
        return List.of(
                BundleWriter.metric("code_usage", usage.share(), "share of codes", protocol),
                BundleWriter.metric("perplexity", usage.perplexity(), "codes", protocol),
                BundleWriter.metric("bits_per_image", usage.bits(tokens), "bits", protocol));
    }

    private String protocol(int images) {
        ImageGeometry geometry = stored.bundle().getGeometry();
        return String.format(
                Locale.ROOT,
                "%s of %s, %d x %d x %d, %d levels",
                images == testImages
                        ? String.format(Locale.ROOT, "all %,d test images", images)
                        : String.format(Locale.ROOT, "the first %,d of %,d test images", images, testImages),
                dataSet,
                geometry.getWidth(),
                geometry.getHeight(),
                geometry.getChannels(),
                geometry.getLevels());
    }
}
