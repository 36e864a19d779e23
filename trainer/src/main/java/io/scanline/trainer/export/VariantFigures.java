package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Metric;
import io.scanline.contract.CpuKind;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.Likelihood;
import io.scanline.trainer.evaluation.MainFigure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;

/**
 * What the variants of a bundle's steps cost in likelihood. The steps in fp32 are measured on the same images, since images differ
 * far more than variants do: some of the test images are enough.
 *
 * @param stored the bundle
 * @param dataSet name of the data set
 * @param conditions what the steps are shown of the images of every label
 */
public record VariantFigures(StoredBundle stored, String dataSet, Conditions conditions) {
    /** Name of the share by which a variant's bits are more than those in fp32. */
    public static final String EXCESS = "likelihood_excess";

    /** Test images that are enough to compare. */
    public static final int ENOUGH = 1000;

    /** Loss of likelihood, in percent, above which a person should know. */
    private static final double MUCH = 0.5;

    private static final double PERCENT = 100;

    /** Of a bundle that is shown nothing but a class. */
    public VariantFigures(StoredBundle stored, String dataSet) {
        this(stored, dataSet, Conditions.NONE);
    }

    /**
     * Two figures of every variant: the likelihood, and the excess over fp32; none when there is but fp32.
     *
     * @param test some test images
     * @param progress told how many images are done, by several threads
     */
    public List<Metric> of(ImageSet test, int threads, IntConsumer progress) throws OrtException, InterruptedException {
        return of(stored.variants(), test, threads, progress);
    }

    /** The same of some variants, graphs "chunk" among them. */
    List<Metric> of(List<String> variants, ImageSet test, int threads, IntConsumer progress)
            throws OrtException, InterruptedException {
        List<Metric> figures = new ArrayList<>();
        if (variants.isEmpty()) {
            return figures;
        }
        double plain = bits(stored.in(StepGraph.PLAIN), test, threads, done -> {});
        for (String variant : variants) {
            double bits = bits(stored.in(variant), test, threads, progress);
            String name = stored.drawsCodes() ? PriorFigures.CODES : MainFigure.BITS;
            String unit = stored.drawsCodes() ? PriorFigures.BITS : "bits/dim";
            String protocol = protocol(stored.in(variant).bundle(), test, plain, unit);
            figures.add(metric(name, bits, unit, protocol, variant));
            figures.add(metric(EXCESS, PERCENT * (bits / plain - 1), "%", protocol, variant));
        }
        return figures;
    }

    /** A figure for people. */
    static String text(Metric figure) {
        return String.format(
                Locale.ROOT,
                "%s in %s: %.5g %s (%s)",
                figure.getName(),
                figure.getVariant(),
                figure.getValue(),
                figure.getUnit(),
                figure.getProtocol());
    }

    /** Whether a figure tells of a variant that loses much likelihood. */
    static boolean losesMuch(Metric figure) {
        return figure.getName().equals(EXCESS) && !(figure.getValue() <= MUCH);
    }

    /** Says so. */
    static String loss(Metric figure) {
        return String.format(
                Locale.ROOT, "steps in %s lose more than %.1f %% of likelihood", figure.getVariant(), MUCH);
    }

    private double bits(StoredBundle measured, ImageSet test, int threads, IntConsumer progress)
            throws OrtException, InterruptedException {
        return new ExactLikelihood(measured, conditions)
                .of(test, Math.min(threads, test.size()), progress)
                .bitsPerDim();
    }

    private String protocol(Bundle measured, ImageSet test, double plain, String unit) {
        return String.format(
                Locale.ROOT,
                "%,d test images of %s%s; exact likelihood %s, %s; in fp32 the same images have %.5f %s",
                test.size(),
                dataSet,
                stored.drawsCodes() ? " as codes of the bundle's own encoder" : "",
                ExactLikelihood.method(measured),
                CpuKind.current(),
                plain,
                unit);
    }

    private static Metric metric(String name, double value, String unit, String protocol, String variant) {
        return BundleWriter.metric(name, value, unit, protocol).toBuilder().setVariant(variant).build();
    }
}
