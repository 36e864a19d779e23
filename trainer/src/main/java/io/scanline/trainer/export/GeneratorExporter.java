package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Conditioning;
import io.scanline.bundle.v1.Dataset;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.evaluation.ImageFeatures;
import io.scanline.trainer.models.ImageGenerator;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Writes a network that only draws as a bundle, after checking that what is written computes what was trained. Whom it
 * learned against stays in the run.
 *
 * @param source the recipe and its text
 * @param network the recipe's network
 * @param parameters its trained parameters
 * @param images as levels; samples are compared with those of the test
 * @param features by which they are compared
 * @param dataset the data set they come from
 * @param steps optimiser steps taken
 * @param minutes wall-clock minutes of training
 */
public record GeneratorExporter(
        Recipe.Source source,
        ImageGenerator network,
        Parameters parameters,
        TrainTest images,
        ImageFeatures features,
        Dataset dataset,
        int steps,
        double minutes) {
    private static final int PARITY_IMAGES = 20;
    private static final int SHEET_COLUMNS = 10;
    private static final long SHEET_SEED = 1;

    /**
     * Exports into DIR/NAME/VERSION, replacing what is there as a whole.
     *
     * @param models directory of models
     * @param report told in words what was found
     * @param drawn told how many samples have been drawn
     * @return the bundle's directory
     */
    public Path export(Path models, Consumer<String> report, IntConsumer drawn)
            throws IOException, OrtException, InterruptedException {
        Parameters rounded = parameters.rounded();
        BundleWriter writer = new BundleWriter(source, dataset, steps, minutes);
        Bundle.Builder description = writer.describe(network);
        if (network.shape().hasClasses()) {
            description.setConditioning(
                    Conditioning.newBuilder().addAllClassNames(images.training().classNames()));
        }
        StoredBundle stored = LatentGraph.bundle(description, network, rounded.values());
        try (LatentSession session = new LatentSession(stored)) {
            report.accept(LatentParity.DEFAULT.check(network, rounded, session, PARITY_IMAGES));
            return writer.write(models, directory -> {
                for (Map.Entry<String, byte[]> graph : stored.graphs().entrySet()) {
                    Files.write(directory.resolve(graph.getKey()), graph.getValue());
                }
                float temperature = stored.bundle().getRecommendedTemperature();
                GeneratorSheet sheet = new GeneratorSheet(session);
                sheet.write(SHEET_COLUMNS, SHEET_SEED, temperature, directory.resolve("preview.png"));
                sheet.nearest(
                        images.training(), SHEET_COLUMNS, SHEET_SEED, temperature, directory.resolve("nearest.png"));
                List<Metric> figures = new GeneratorFigures(
                                stored, dataset.getName(), images.test().size())
                        .of(images.training(), images.test(), features, drawn);
                figures.forEach(figure -> report.accept(String.format(
                        Locale.ROOT, "%s: %.5g %s", figure.getName(), figure.getValue(), figure.getUnit())));
                return stored.bundle().toBuilder()
                        .addAllMetrics(figures)
                        .addAllGoldenSamples(LatentGoldenSamples.write(session, directory))
                        .build();
            });
        }
    }
}
