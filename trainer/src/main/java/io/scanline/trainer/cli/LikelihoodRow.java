package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.evaluation.CountedFloor;
import io.scanline.trainer.evaluation.Likelihood;
import io.scanline.trainer.evaluation.MainFigure;
import io.scanline.trainer.evaluation.Published;
import io.scanline.trainer.export.ExactLikelihood;
import io.scanline.trainer.report.ResultRow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the evaluation of an autoregressive model found.
 *
 * @param bundle what was evaluated
 * @param dataSet on the test images of this data set
 * @param levels how those got their levels
 * @param testImages how many test images that has
 * @param likelihood of those that were evaluated
 * @param floors what counting gives on the same images, the lowest last
 * @param variants figures of other variants of its steps
 * @param seconds of the evaluation
 */
record LikelihoodRow(
        Bundle bundle,
        String dataSet,
        String levels,
        int testImages,
        Likelihood likelihood,
        List<CountedFloor> floors,
        List<Metric> variants,
        double seconds)
        implements Evaluation.Row {

    @Override
    public ResultRow result() throws IOException {
        return ResultRow.evaluated(bundle, dataSet, figures(), Math.toIntExact(likelihood.images()), seconds);
    }

    @Override
    public List<Metric> figures() {
        CountedFloor floor = floors.get(floors.size() - 1);
        List<Metric> figures = new ArrayList<>(List.of(
                metric(MainFigure.BITS, likelihood.bitsPerDim(), "bits/dim", protocol()),
                metric(MainFigure.NATS, likelihood.natsPerImage(), "nats/image", protocol()),
                metric(MainFigure.COUNTED, floor.likelihood().bitsPerDim(), "bits/dim", floor.name())));
        figures.addAll(variants);
        return figures;
    }

    private static Metric metric(String name, double value, String unit, String protocol) {
        return Metric.newBuilder()
                .setName(name)
                .setValue(value)
                .setUnit(unit)
                .setProtocol(protocol)
                .build();
    }

    @Override
    public String text() {
        StringBuilder text = new StringBuilder();
        line(text, "%s %s (%s)", bundle.getName(), bundle.getVersion(), bundle.getFamily());
        line(text, "protocol: %s", protocol());
        line(text, "%-24s %9s %12s", "", "bits/dim", "nats/image");
        line(text, "%-24s %9.4f %12.2f", "this bundle", likelihood.bitsPerDim(), likelihood.natsPerImage());
        for (CountedFloor floor : floors) {
            Likelihood counted = floor.likelihood();
            line(text, "%-24s %9.4f %12.2f", floor.name(), counted.bitsPerDim(), counted.natsPerImage());
        }
        for (Metric variant : variants) {
            line(text, "%s %.5g %s: %s", ResultRow.name(variant), variant.getValue(), variant.getUnit(), variant.getProtocol());
        }
        line(text, "published: %s", Published.of(
                        bundle.getFamily(), dataSet, bundle.getGeometry().getLevels(), MainFigure.NATS)
                .map(figure -> String.format(Locale.ROOT, "%.2f nats/image, %s", figure.value(), figure.source()))
                .orElse("no figure with this quantisation was found"));
        return text.append(String.format(
                        Locale.ROOT, "%,d images in %.1f s", likelihood.images(), seconds))
                .toString();
    }

    private String protocol() {
        String images = likelihood.images() == testImages
                ? String.format(Locale.ROOT, "all %,d test images", testImages)
                : String.format(Locale.ROOT, "the first %,d of %,d test images", likelihood.images(), testImages);
        return String.format(
                Locale.ROOT,
                "%s of %s, %d x %d, %s; exact negative log-likelihood%s,"
                        + " %s; floors counted on the training images",
                images,
                dataSet,
                bundle.getGeometry().getWidth(),
                bundle.getGeometry().getHeight(),
                levels,
                bundle.hasConditioning() ? " given the class" : "",
                ExactLikelihood.method(bundle));
    }

    private static void line(StringBuilder text, String format, Object... arguments) {
        text.append(String.format(Locale.ROOT, format, arguments)).append(System.lineSeparator());
    }
}
