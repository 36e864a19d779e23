package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.LatentSpace;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.CodeUsage;
import io.scanline.trainer.evaluation.CountTable;
import io.scanline.trainer.evaluation.CountedFloor;
import io.scanline.trainer.evaluation.Likelihood;
import io.scanline.trainer.evaluation.PositionTable;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/**
 * What is measured of a prior over codes on the codes of test images, by its own graphs.
 *
 * @param stored the bundle
 * @param dataSet name of the data set
 * @param tokenizer NAME/VERSION of the bundle that made the codes
 * @param testImages how many test images the data set has
 */
public record PriorFigures(StoredBundle stored, String dataSet, String tokenizer, int testImages) {
    private static final String BITS = "bits/code";

    /** What counting gives. */
    private record Floor(String name, Likelihood likelihood) {}

    /**
     * The figures, the one that the prior is judged by first and what it is held against second.
     *
     * @param training codes of the training images, which floors count
     * @param test codes of test images
     * @param progress told how many test images are done
     */
    public List<Metric> of(ImageSet training, ImageSet test, int threads, IntConsumer progress)
            throws OrtException, InterruptedException {
        Likelihood likelihood =
                new ExactLikelihood(stored).of(test, Math.max(1, Math.min(threads, test.size())), progress);
        Floor unigram = counted(CountedFloor.of(training, test, List.of()));
        Floor position = new Floor(
                "counted for every position",
                PositionTable.fit(training, CountTable.DEFAULT_ALPHA).evaluate(test));
        Floor lowest = Stream.concat(
                        Stream.of(position),
                        CountedFloor.all(training, test).stream().map(PriorFigures::counted))
                .min(Comparator.comparingDouble(floor -> floor.likelihood().nats()))
                .orElseThrow();
        CodeUsage usage = CodeUsage.of(test);
        String codes = protocol(test);
        String exact = codes + "; exact negative log-likelihood of the codes"
                + (stored.bundle().hasConditioning() ? " given the class, " : ", ")
                + ExactLikelihood.method(stored.bundle());
        double uniform = Math.log(test.levels()) / Math.log(2);
        return List.of(
                BundleWriter.metric("bits_per_code", likelihood.bitsPerDim(), BITS, exact),
                floor("counted_floor", lowest, codes),
                BundleWriter.metric("negative_log_likelihood", likelihood.natsPerImage(), "nats/image", exact),
                floor("unigram_floor", unigram, codes),
                floor("position_floor", position, codes),
                BundleWriter.metric("uniform_floor", uniform, BITS, "log2 of " + test.levels() + " codes"),
                BundleWriter.metric("code_usage", usage.share(), "share of codes", codes),
                BundleWriter.metric("perplexity", usage.perplexity(), "codes", codes));
    }

    private static Floor counted(CountedFloor floor) {
        return new Floor(floor.name(), floor.likelihood());
    }

    private static Metric floor(String name, Floor floor, String codes) {
        return BundleWriter.metric(
                name,
                floor.likelihood().bitsPerDim(),
                BITS,
                codes + "; by count table without the class: " + floor.name());
    }

    private String protocol(ImageSet test) {
        Bundle bundle = stored.bundle();
        ImageGeometry image = bundle.getGeometry();
        LatentSpace latent = bundle.getLatent();
        return String.format(
                Locale.ROOT,
                "%s of %s, %d x %d x %d, %d levels, as %d x %d codes of %d of the tokenizer %s",
                test.size() == testImages
                        ? String.format(Locale.ROOT, "all %,d test images", testImages)
                        : String.format(Locale.ROOT, "the first %,d of %,d test images", test.size(), testImages),
                dataSet,
                image.getWidth(),
                image.getHeight(),
                image.getChannels(),
                image.getLevels(),
                latent.getShape(0),
                latent.getShape(1),
                latent.getCodes(),
                tokenizer);
    }
}
