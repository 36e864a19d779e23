package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Dataset;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.Caption;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.Clip;
import io.scanline.trainer.text.CaptionTexts;
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
 * Writes a trained model of images and texts as a bundle, after checking that what is written computes what was trained.
 *
 * @param source the recipe and its text
 * @param network the recipe's network
 * @param parameters the trained parameters
 * @param images levels, with captions
 * @param wording how captions were said in training
 * @param tokenizer content of tokenizer.json
 * @param background grey behind transparent places of pictures
 * @param dataset the data set they come from
 * @param steps optimiser steps taken
 * @param minutes wall-clock minutes of training
 */
public record EmbeddingExporter(
        Recipe.Source source,
        Clip network,
        Parameters parameters,
        CaptionedImages images,
        CaptionTexts.Wording wording,
        byte[] tokenizer,
        int background,
        Dataset dataset,
        int steps,
        double minutes) {
    private static final int PARITY_IMAGES = 16;
    private static final int SHEET_ROWS = 16;
    private static final int SHEET_COLUMNS = 10;

    /** Exports into DIR/NAME/VERSION; see {@link LatentExporter#export}. */
    public Path export(Path models, int threads, Consumer<String> report, IntConsumer evaluated)
            throws IOException, OrtException, InterruptedException {
        Parameters rounded = parameters.rounded();
        BundleWriter writer = new BundleWriter(source, dataset, steps, minutes);
        StoredBundle stored = VisionGraph.embedding(
                writer.describe(network), network, rounded.values(), wording, tokenizer, background);
        ImageSet test = images.images().test();
        List<Caption> captions = images.of(test);
        try (VisionSession session = new VisionSession(stored)) {
            ImageSet some = test.first(PARITY_IMAGES);
            CaptionTexts.Tokens said = CaptionTexts.tokens(
                    session.tokenizer(), images.of(some).stream().map(Caption::text).toList());
            VisionParity.require(
                    report,
                    Map.of(
                            "image", ReferenceVision.embed(network, rounded, some),
                            "text", ReferenceVision.embed(network, rounded, said)),
                    Map.of(
                            "image", session.look(VisionParity.images(some)).get(VisionSession.EMBEDDING),
                            "text", session.read(said)));
            return writer.write(models, directory -> {
                stored.writeGraphs(directory);
                List<Metric> figures =
                        new VisionFigures(stored, dataset.getName(), threads, evaluated).embedding(images);
                VisionParity.report(report, figures);
                new VisionSheet(stored, threads)
                        .texts(test, captions, SHEET_ROWS, SHEET_COLUMNS, directory.resolve("preview.png"));
                List<String> golden = captions.stream().map(Caption::text).toList();
                return stored.bundle().toBuilder()
                        .addAllMetrics(figures)
                        .addAllGoldenSamples(VisionGoldenSamples.write(session, test, golden, directory))
                        .build();
            });
        }
    }
}
