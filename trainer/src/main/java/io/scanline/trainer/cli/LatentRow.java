package io.scanline.trainer.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.evaluation.Published;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the evaluation of a latent model, or of a prior over its codes, found.
 *
 * @param bundle what was evaluated
 * @param dataSet on the test images of this data set
 * @param figures the one that the model is judged by first
 * @param images test images used
 * @param seconds of the evaluation
 */
record LatentRow(Bundle bundle, String dataSet, List<Metric> figures, int images, double seconds)
        implements Evaluation.Row {
    private static final String FLOOR = "counted_floor";
    private static final String PRINCIPAL = "pca_";

    @Override
    public String json() {
        Metric main = figures.get(0);
        ObjectNode object = new ObjectMapper().createObjectNode();
        object.put("family", bundle.getFamily());
        object.put("model", bundle.getName() + "/" + bundle.getVersion());
        object.put("data_set", dataSet);
        object.put("protocol", main.getProtocol());
        object.put("metric", main.getName());
        object.put("value", main.getValue());
        object.put("unit", main.getUnit());
        Optional<Metric> floor = floor();
        object.put("floor", floor.map(Metric::getValue).orElse(null));
        object.put("floor_source", floor.map(Metric::getProtocol).orElse(null));
        Optional<Published> published = published();
        object.put("published_best", published.map(Published::value).orElse(null));
        object.put("published_source", published.map(Published::source).orElse(null));
        ObjectNode all = object.putObject("figures");
        figures.forEach(figure -> all.put(figure.getName(), figure.getValue()));
        object.put("sample_count", images);
        object.put("seconds", Math.round(seconds * 1000) / 1000.0);
        try {
            return new ObjectMapper().writeValueAsString(object);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** What counting gives, or principal components. */
    private Optional<Metric> floor() {
        String principal = PRINCIPAL + figures.get(0).getName();
        return figures.stream()
                .filter(figure -> figure.getName().equals(FLOOR) || figure.getName().equals(principal))
                .findFirst();
    }

    private Optional<Published> published() {
        return Published.of(
                bundle.getFamily(), dataSet, bundle.getGeometry().getLevels(), figures.get(0).getName());
    }

    @Override
    public String text() {
        StringBuilder text = new StringBuilder();
        line(text, "%s %s (%s)", bundle.getName(), bundle.getVersion(), bundle.getFamily());
        for (Metric figure : figures) {
            line(
                    text,
                    "%-24s %11.5g %-14s  %s",
                    figure.getName(),
                    figure.getValue(),
                    figure.getUnit(),
                    figure.getProtocol());
        }
        line(text, "published: %s", published()
                .map(figure -> String.format(Locale.ROOT, "%.2f, %s", figure.value(), figure.source()))
                .orElse("no figure with this protocol was found"));
        return text.append(String.format(Locale.ROOT, "%,d images in %.1f s", images, seconds)).toString();
    }

    private static void line(StringBuilder text, String format, Object... arguments) {
        text.append(String.format(Locale.ROOT, format, arguments)).append(System.lineSeparator());
    }
}
