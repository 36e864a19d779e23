package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Dataset;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.evaluation.ImageFeatures;
import io.scanline.trainer.evaluation.Plausibility;
import io.scanline.trainer.models.LatentNetwork;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Writes a trained latent network as a bundle, after checking that what is written computes what was trained.
 *
 * @param source the recipe and its text
 * @param network the recipe's network
 * @param parameters the trained parameters
 * @param images as levels; those of the test are measured
 * @param judge by what reconstructions are also compared with their images, if by anything
 * @param dataset the data set they come from
 * @param steps optimiser steps taken
 * @param minutes wall-clock minutes of training
 */
public record LatentExporter(
        Recipe.Source source,
        LatentNetwork network,
        Parameters parameters,
        TrainTest images,
        Optional<ImageFeatures> judge,
        Dataset dataset,
        int steps,
        double minutes) {
    private static final int PARITY_IMAGES = 16;
    private static final int SHEET_COLUMNS = 10;
    private static final int SAMPLE_ROWS = 10;
    private static final int IMAGE_ROWS = 3;
    private static final long SHEET_SEED = 1;

    /** One without a judge. */
    public LatentExporter(
            Recipe.Source source,
            LatentNetwork network,
            Parameters parameters,
            TrainTest images,
            Dataset dataset,
            int steps,
            double minutes) {
        this(source, network, parameters, images, Optional.empty(), dataset, steps, minutes);
    }

    /**
     * Exports into DIR/NAME/VERSION, replacing what is there as a whole.
     *
     * @param models directory of models
     * @param threads that evaluate
     * @param report told in words what was found
     * @param evaluated told how many test images have been evaluated
     * @return the bundle's directory
     */
    public Path export(Path models, int threads, Consumer<String> report, IntConsumer evaluated)
            throws IOException, OrtException, InterruptedException {
        Parameters rounded = parameters.rounded();
        BundleWriter writer = new BundleWriter(source, dataset, steps, minutes);
        StoredBundle stored = LatentGraph.bundle(writer.describe(network), network, rounded.values());
        Bundle described = stored.bundle();
        try (LatentSession session = new LatentSession(stored)) {
            report.accept(
                    LatentParity.DEFAULT.check(network, rounded, session, images.test().first(PARITY_IMAGES)));
            return writer.write(models, directory -> {
                for (Map.Entry<String, byte[]> graph : stored.graphs().entrySet()) {
                    Files.write(directory.resolve(graph.getKey()), graph.getValue());
                }
                LatentSheet sheet = new LatentSheet(session);
                sheet.write(
                        Optional.of(images.test()),
                        sheet.samples() ? SAMPLE_ROWS : IMAGE_ROWS,
                        SHEET_COLUMNS,
                        SHEET_SEED,
                        described.getRecommendedTemperature(),
                        directory.resolve("preview.png"));
                ImageSet test = images.test();
                List<Metric> figures = new ArrayList<>(new LatentFigures(stored, dataset.getName(), test.size())
                        .of(images.training(), test, threads, evaluated));
                if (judge.isPresent()) {
                    figures.addAll(new ReconstructionDistance(stored, dataset.getName(), test.size(), threads)
                            .of(images.training(), test, judge.get(), evaluated));
                }
                figures.forEach(figure -> report.accept(String.format(
                        Locale.ROOT, "%s: %.5g %s", figure.getName(), figure.getValue(), figure.getUnit())));
                Plausibility.of(dataset.getName(), described.getGeometry(), figures, true).require(report);
                return described.toBuilder()
                        .addAllMetrics(figures)
                        .addAllGoldenSamples(LatentGoldenSamples.write(session, directory))
                        .build();
            });
        }
    }
}
