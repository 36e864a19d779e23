package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Autoregression;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Conditioning;
import io.scanline.bundle.v1.Dataset;
import io.scanline.bundle.v1.Metric;
import io.scanline.bundle.v1.Order;
import io.scanline.contract.CpuKind;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.CountedFloor;
import io.scanline.trainer.evaluation.Likelihood;
import io.scanline.trainer.evaluation.MainFigure;
import io.scanline.trainer.evaluation.Plausibility;
import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Writes a trained network as a bundle, after checking that what is written computes what was trained.
 *
 * @param source the recipe and its text
 * @param network the recipe's network
 * @param parameters the trained parameters
 * @param training quantised training images, for the counted floor
 * @param test quantised test images
 * @param dataset the data set they come from
 * @param steps optimiser steps taken
 * @param minutes wall-clock minutes of training
 */
public record BundleExporter(
        Recipe.Source source,
        AutoregressiveNetwork network,
        Parameters parameters,
        ImageSet training,
        ImageSet test,
        Dataset dataset,
        int steps,
        double minutes) {
    private static final int SHEET_COLUMNS = 10;
    private static final long SHEET_SEED = 1;

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
        StoredBundle cached = described(StepGraph.bundle(network, rounded.values()));
        ParityCheck.DEFAULT.check(network, rounded, cached, test, report);
        return writer().write(models, directory -> measured(cached, directory, threads, report, evaluated));
    }

    private BundleWriter writer() {
        return new BundleWriter(source, dataset, steps, minutes);
    }

    private Bundle measured(
            StoredBundle described,
            Path directory,
            int threads,
            Consumer<String> report,
            IntConsumer evaluated)
            throws IOException, OrtException, InterruptedException {
        Likelihood likelihood = new ExactLikelihood(described).of(test, threads, evaluated);
        CountedFloor floor = CountedFloor.lowest(training, test);
        report.accept(String.format(
                Locale.ROOT,
                "test set: %.4f bits/dim (%.2f nats/image); %s gives %.4f bits/dim",
                likelihood.bitsPerDim(),
                likelihood.natsPerImage(),
                floor.name(),
                floor.likelihood().bitsPerDim()));
        List<Metric> figures = metrics(described.bundle(), likelihood, floor);
        Plausibility.of(dataset.getName(), described.bundle().getGeometry(), figures, true).require(report);
        new SampleGrid(described)
                .write(
                        SHEET_COLUMNS,
                        SHEET_SEED,
                        described.bundle().getRecommendedTemperature(),
                        directory.resolve("preview.png"));
        return DraftExporter.addTo(described, training, directory).toBuilder()
                .addAllMetrics(figures)
                .addAllGoldenSamples(GoldenSamples.write(described, directory))
                .build();
    }

    /** The bundle of a network that can draw, with everything that need not be measured. */
    private StoredBundle described(StoredBundle drawing) {
        Bundle.Builder bundle = writer().describe(network)
                .setAutoregression(drawing.bundle().getAutoregression())
                .addAllGraphs(drawing.bundle().getGraphsList());
        if (network.shape().hasClasses()) {
            bundle.setConditioning(Conditioning.newBuilder().addAllClassNames(test.classNames()));
        }
        return new StoredBundle(bundle.build(), drawing.graphs());
    }

    private List<Metric> metrics(Bundle bundle, Likelihood likelihood, CountedFloor floor) {
        String protocol = "%s test set, %d images, %d levels, exact likelihood%s, %s, %s"
                .formatted(
                        dataset.getName(),
                        likelihood.images(),
                        network.shape().levels(),
                        bundle.hasConditioning() ? " given the class" : "",
                        ExactLikelihood.method(bundle),
                        CpuKind.current());
        String counted = "%s test set, %d images, %d levels, count table: %s"
                .formatted(dataset.getName(), likelihood.images(), network.shape().levels(), floor.name());
        return List.of(
                BundleWriter.metric(MainFigure.BITS, likelihood.bitsPerDim(), "bits/dim", protocol),
                BundleWriter.metric(MainFigure.NATS, likelihood.natsPerImage(), "nats/image", protocol),
                BundleWriter.metric(MainFigure.COUNTED, floor.likelihood().bitsPerDim(), "bits/dim", counted));
    }
}
