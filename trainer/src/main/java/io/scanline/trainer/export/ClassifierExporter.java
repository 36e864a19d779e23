package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Dataset;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.VisionTransformer;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.Recipe;
import io.scanline.trainer.training.ReferenceVision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Writes a trained classifier as a bundle, after checking that what is written computes what was trained.
 *
 * @param source the recipe and its text
 * @param network the recipe's network
 * @param parameters the trained parameters
 * @param test levels of the test images
 * @param background grey behind transparent places of pictures
 * @param dataset the data set they come from
 * @param steps optimiser steps taken
 * @param minutes wall-clock minutes of training
 */
public record ClassifierExporter(
        Recipe.Source source,
        VisionTransformer network,
        Parameters parameters,
        ImageSet test,
        int background,
        Dataset dataset,
        int steps,
        double minutes) {
    private static final int PARITY_IMAGES = 16;
    private static final int SHEET_COLUMNS = 10;

    /** Exports into DIR/NAME/VERSION; see {@link LatentExporter#export}. */
    public Path export(Path models, int threads, Consumer<String> report, IntConsumer evaluated)
            throws IOException, OrtException, InterruptedException {
        Parameters rounded = parameters.rounded();
        BundleWriter writer = new BundleWriter(source, dataset, steps, minutes);
        StoredBundle stored = VisionGraph.classifier(
                writer.describe(network), network, rounded.values(), test.classNames(), background);
        try (VisionSession session = new VisionSession(stored)) {
            ImageSet some = test.first(PARITY_IMAGES);
            Map<String, float[]> reference = ReferenceVision.classify(network, rounded, some);
            VisionParity.require(report, reference, session.look(VisionParity.images(some)));
            return writer.write(models, directory -> {
                stored.writeGraphs(directory);
                List<Metric> figures =
                        new VisionFigures(stored, dataset.getName(), threads, evaluated).classifier(test, test.size());
                VisionParity.report(report, figures);
                new VisionSheet(stored, threads).classes(test, SHEET_COLUMNS, directory.resolve("preview.png"));
                return stored.bundle().toBuilder()
                        .addAllMetrics(figures)
                        .addAllGoldenSamples(VisionGoldenSamples.write(session, test, List.of(), directory))
                        .build();
            });
        }
    }
}
