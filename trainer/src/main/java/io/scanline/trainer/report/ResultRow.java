package io.scanline.trainer.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Dataset;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.evaluation.MainFigure;
import io.scanline.trainer.evaluation.Published;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of how good a model is: what {@code evaluate --json} prints, and a row of the table of results. What is
 * not known is null.
 *
 * @param model NAME/VERSION
 * @param dataSet whose test images were used
 * @param licence of the data that it was trained on, an SPDX expression
 * @param credit who made that
 * @param levels how values got their levels
 * @param protocol how the main figure was measured
 * @param metric the main figure's name
 * @param natsPerImage of an exact likelihood, whatever its main figure is in
 * @param floor what counting or principal components give, in the same unit
 * @param floorName name of that figure
 * @param floorSource how it was measured
 * @param publishedBest best published figure of the family on the same data
 * @param publishedSource who published it, and what differs
 * @param bestOfAnyFamily best published figure of any family on the same data
 * @param bestOfAnyFamilySource who published it, and what differs
 * @param target the figure that the recipe expects
 * @param figures all that was measured, by name, which of a variant of steps ends in that
 * @param protocols how each of these was measured
 * @param trainingMinutes by the clock
 * @param trainingSteps of the optimiser
 * @param imagesSeen training images, repetitions counted
 * @param picture of samples, in the directory of models
 * @param measured when
 * @param sampleCount test images used, where a command counted them
 * @param seconds that measuring took
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record ResultRow(
        String model,
        String family,
        String dataSet,
        String licence,
        String credit,
        String levels,
        String protocol,
        String metric,
        double value,
        String unit,
        Double natsPerImage,
        Double floor,
        String floorName,
        String floorSource,
        Double publishedBest,
        String publishedSource,
        Double bestOfAnyFamily,
        String bestOfAnyFamilySource,
        String target,
        Map<String, Double> figures,
        Map<String, String> protocols,
        long parameters,
        double trainingMinutes,
        long trainingSteps,
        long imagesSeen,
        String picture,
        Measured measured,
        Integer sampleCount,
        Double seconds) {
    private static final String PICTURE = "preview.png";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** When the figures of a row were measured. */
    public enum Measured {
        /** When the bundle was written, and kept in it. */
        @JsonProperty("export")
        EXPORT,
        /** By the command evaluate, of the bundle as it is. */
        @JsonProperty("evaluate")
        EVALUATE
    }

    /** Of figures that a bundle keeps. */
    public static ResultRow stored(Bundle bundle) throws IOException {
        return of(bundle, recipe(bundle).recipe().dataset(), bundle.getMetricsList(), Measured.EXPORT, null, null);
    }

    /**
     * Of figures that were measured just now.
     *
     * @param images test images used
     * @param seconds that it took
     */
    public static ResultRow evaluated(
            Bundle bundle, String dataSet, List<Metric> figures, int images, double seconds) throws IOException {
        double rounded = Math.round(seconds * 1000) / 1000.0;
        return of(bundle, dataSet, figures, Measured.EVALUATE, images, rounded);
    }

    private static ResultRow of(
            Bundle bundle, String dataSet, List<Metric> figures, Measured measured, Integer images, Double seconds)
            throws IOException {
        Recipe.Source recipe = recipe(bundle);
        int levels = bundle.getGeometry().getLevels();
        MainFigure main = MainFigure.of(bundle.getGeometry(), figures);
        Metric figure = main.figure();
        Optional<Published> published = Published.of(bundle.getFamily(), dataSet, levels, figure.getName());
        Optional<Published> best = Published.best(dataSet, levels);
        Dataset data = bundle.getDatasetsCount() == 0 ? Dataset.getDefaultInstance() : bundle.getDatasets(0);
        Map<String, Double> all = new LinkedHashMap<>();
        Map<String, String> protocols = new LinkedHashMap<>();
        for (Metric each : figures) {
            all.put(name(each), each.getValue());
            protocols.put(name(each), each.getProtocol());
        }
        String model = bundle.getName() + "/" + bundle.getVersion();
        boolean pictured = bundle.getFilesList().stream().anyMatch(file -> file.getPath().equals(PICTURE));
        return new ResultRow(
                model,
                bundle.getFamily(),
                dataSet,
                data.getLicence(),
                data.getSource(),
                recipe.recipe().discretiser().protocol(),
                figure.getProtocol(),
                figure.getName(),
                figure.getValue(),
                figure.getUnit(),
                all.get(MainFigure.NATS),
                main.floor().map(Metric::getValue).orElse(null),
                main.floor().map(Metric::getName).orElse(null),
                main.floor().map(Metric::getProtocol).orElse(null),
                published.map(Published::value).orElse(null),
                published.map(Published::source).orElse(null),
                best.map(Published::value).orElse(null),
                best.map(Published::source).orElse(null),
                recipe.expected().figure(),
                all,
                protocols,
                bundle.getParameters(),
                bundle.getProvenance().getMinutes(),
                bundle.getProvenance().getSteps(),
                bundle.getProvenance().getImages(),
                pictured ? model + "/" + PICTURE : null,
                measured,
                images,
                seconds);
    }

    /** Name of a figure, which ends in the variant of the steps where it is not that in fp32. */
    public static String name(Metric figure) {
        return figure.getName() + (figure.getVariant().isEmpty() ? "" : "_" + figure.getVariant());
    }

    private static Recipe.Source recipe(Bundle bundle) throws IOException {
        return Recipe.parse(bundle.getProvenance().getRecipe());
    }

    /** One object in one line. */
    public String json() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * The inverse of {@link #json()}.
     *
     * @throws IOException when it is not such an object
     */
    static ResultRow parse(String json) throws IOException {
        return JSON.readValue(json, ResultRow.class);
    }
}
