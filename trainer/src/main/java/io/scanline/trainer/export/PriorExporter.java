package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Conditioning;
import io.scanline.bundle.v1.Dataset;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.evaluation.Plausibility;
import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Writes a trained prior over codes as a bundle that stands alone: its own step graph, and copies of the encoder and
 * the decoder of its tokenizer.
 *
 * @param source the recipe, which names the digest of the tokenizer, and its text
 * @param network the recipe's network
 * @param parameters the trained parameters
 * @param tokenizer that made the codes
 * @param codes of the images
 * @param dataset the data set they come from
 * @param steps optimiser steps taken
 * @param minutes wall-clock minutes of training
 */
public record PriorExporter(
        Recipe.Source source,
        AutoregressiveNetwork network,
        Parameters parameters,
        Tokenizer tokenizer,
        TrainTest codes,
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
        StoredBundle drawing = StepGraph.bundle(network, rounded.values());
        ParityCheck.DEFAULT.check(network, rounded, drawing, codes.test(), report);
        BundleWriter writer = new BundleWriter(source, dataset, steps, minutes);
        StoredBundle described = described(writer.describe(network), drawing, tokenizer);
        if (network.shape().hasClasses()) {
            Conditioning classes =
                    Conditioning.newBuilder().addAllClassNames(codes.test().classNames()).build();
            described = new StoredBundle(
                    described.bundle().toBuilder().setConditioning(classes).build(), described.graphs());
        }
        return write(writer, models, described, threads, report, evaluated);
    }

    private Path write(
            BundleWriter writer,
            Path models,
            StoredBundle described,
            int threads,
            Consumer<String> report,
            IntConsumer evaluated)
            throws IOException, OrtException, InterruptedException {
        return writer.write(models, directory -> {
            described.writeGraphs(directory);
            new SampleGrid(described)
                    .write(
                            SHEET_COLUMNS,
                            SHEET_SEED,
                            described.bundle().getRecommendedTemperature(),
                            directory.resolve("preview.png"));
            ImageSet test = codes.test();
            List<Metric> figures = new PriorFigures(
                            described, dataset.getName(), source.recipe().tokenizer(), test.size())
                    .of(codes.training(), test, threads, evaluated);
            figures.forEach(figure -> report.accept(
                    String.format(Locale.ROOT, "%s: %.5g %s", figure.getName(), figure.getValue(), figure.getUnit())));
            Plausibility.of(dataset.getName(), described.bundle().getGeometry(), figures, true).require(report);
            return described.bundle().toBuilder()
                    .addAllMetrics(figures)
                    .addAllGoldenSamples(PriorGoldenSamples.write(described, directory))
                    .build();
        });
    }

    /** The bundle of a prior with what draws codes, and with a copy of what makes images of them. */
    static StoredBundle described(Bundle.Builder description, StoredBundle drawing, Tokenizer tokenizer) {
        StoredBundle images = tokenizer.stored();
        Map<String, byte[]> graphs = new HashMap<>(drawing.graphs());
        description
                .setParameters(description.getParameters() + images.bundle().getParameters())
                .setGeometry(images.bundle().getGeometry())
                .setLatent(images.bundle().getLatent())
                .setAutoregression(drawing.bundle().getAutoregression())
                .addAllGraphs(drawing.bundle().getGraphsList());
        for (String role : LatentSession.ROLES) {
            Graph graph = images.required(role);
            String file = role + ".onnx";
            description.addGraphs(graph.toBuilder().setFile(file));
            graphs.put(file, images.onnx(graph));
        }
        return new StoredBundle(description.build(), graphs);
    }
}
