package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.report.ResultRow;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What was found when a bundle was exported.
 *
 * @param bundle that keeps it
 */
record StoredRow(Bundle bundle) implements Evaluation.Row {
    @Override
    public List<Metric> figures() {
        return bundle.getMetricsList();
    }

    @Override
    public ResultRow result() throws IOException {
        return ResultRow.stored(bundle);
    }

    @Override
    public String text() {
        return figures().stream()
                .map(figure -> String.format(
                        Locale.ROOT,
                        "%-24s %11.5g %-14s  %s",
                        ResultRow.name(figure),
                        figure.getValue(),
                        figure.getUnit(),
                        figure.getProtocol()))
                .collect(Collectors.joining(
                        System.lineSeparator(),
                        String.format(
                                "%s %s (%s), measured at export%n",
                                bundle.getName(), bundle.getVersion(), bundle.getFamily()),
                        ""));
    }
}
