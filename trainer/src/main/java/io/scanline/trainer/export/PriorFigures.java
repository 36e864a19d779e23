package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.LatentSpace;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.CodeUsage;
import io.scanline.trainer.evaluation.CountTable;
import io.scanline.trainer.evaluation.CountedFloor;
import io.scanline.trainer.evaluation.Likelihood;
import io.scanline.trainer.evaluation.PositionTable;
import java.io.IOException;
import java.util.ArrayList;
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
    /** Name of the main figure. */
    static final String CODES = "bits_per_code";

    /** Unit of the main figure. */
    static final String BITS = "bits/code";

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
        return of(training, test, Conditions.NONE, "the class", threads, progress);
    }

    /**
     * The figures of a prior that is given a text, and what it says of the codes without it and given that of another image.
     *
     * @param training codes of the training images
     * @param captions of the labels
     * @param test codes of test images
     */
    public List<Metric> of(
            ImageSet training, CaptionedImages captions, ImageSet test, int threads, IntConsumer progress)
            throws IOException, OrtException, InterruptedException {
        TestTexts captioned = TestTexts.of(captions, test);
        Conditions conditions;
        try (PromptReader reader = new PromptReader(stored)) {
            conditions = reader.conditions(captioned.texts());
        }
        List<Metric> figures = new ArrayList<>(
                of(training, captioned.images(), conditions, "the caption", threads, progress));
        figures.add(given("_empty_text", captioned.empty(), conditions, "the empty text", threads));
        figures.add(given("_shuffled_captions", captioned.shuffled(), conditions, "another image's caption", threads));
        return figures;
    }

    private Metric given(String suffix, ImageSet test, Conditions conditions, String what, int threads)
            throws OrtException, InterruptedException {
        Likelihood likelihood = likelihood(test, conditions, threads, done -> {});
        return BundleWriter.metric(CODES + suffix, likelihood.bitsPerDim(), BITS, exact(test, what));
    }

    private Likelihood likelihood(ImageSet test, Conditions conditions, int threads, IntConsumer progress)
            throws OrtException, InterruptedException {
        return new ExactLikelihood(stored, conditions)
                .of(test, Math.max(1, Math.min(threads, test.size())), progress);
    }

    private String exact(ImageSet test, String given) {
        return protocol(test) + "; exact negative log-likelihood of the codes"
                + (stored.bundle().hasConditioning() ? " given " + given + ", " : ", ")
                + ExactLikelihood.method(stored.bundle());
    }

    private List<Metric> of(
            ImageSet training, ImageSet test, Conditions conditions, String given, int threads, IntConsumer progress)
            throws OrtException, InterruptedException {
        Likelihood likelihood = likelihood(test, conditions, threads, progress);
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
        String exact = exact(test, given);
        double uniform = Math.log(test.levels()) / Math.log(2);
        return List.of(
                BundleWriter.metric(CODES, likelihood.bitsPerDim(), BITS, exact),
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

    private Metric floor(String name, Floor floor, String codes) {
        return BundleWriter.metric(
                name,
                floor.likelihood().bitsPerDim(),
                BITS,
                codes + "; by count table without " + (stored.drawsTexts() ? "the caption" : "the class") + ": "
                        + floor.name());
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
