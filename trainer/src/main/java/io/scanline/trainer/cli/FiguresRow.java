package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.evaluation.Published;
import io.scanline.trainer.report.ResultRow;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * What the evaluation found of a model that has no exact likelihood of images: of a latent model, a prior over its codes, or a
 * model that looks at images.
 *
 * @param bundle what was evaluated
 * @param dataSet on the test images of this data set
 * @param figures the one that the model is judged by first
 * @param images test images used
 * @param seconds of the evaluation
 */
record FiguresRow(Bundle bundle, String dataSet, List<Metric> figures, int images, double seconds)
        implements Evaluation.Row {
    @Override
    public ResultRow result() throws IOException {
        return ResultRow.evaluated(bundle, dataSet, figures, images, seconds);
    }

    @Override
    public String text() {
        StringBuilder text = new StringBuilder();
        line(text, "%s %s (%s)", bundle.getName(), bundle.getVersion(), bundle.getFamily());
        for (Metric figure : figures) {
            line(
                    text,
                    "%-36s %11.5g %-14s  %s",
                    ResultRow.name(figure),
                    figure.getValue(),
                    figure.getUnit(),
                    figure.getProtocol());
        }
        line(text, "published: %s", Published.of(
                        bundle.getFamily(), dataSet, bundle.getGeometry().getLevels(), figures.get(0).getName())
                .map(figure -> String.format(Locale.ROOT, "%.2f, %s", figure.value(), figure.source()))
                .orElse("no figure with this protocol was found"));
        return text.append(String.format(Locale.ROOT, "%,d images in %.1f s", images, seconds)).toString();
    }

    private static void line(StringBuilder text, String format, Object... arguments) {
        text.append(String.format(Locale.ROOT, format, arguments)).append(System.lineSeparator());
    }
}
