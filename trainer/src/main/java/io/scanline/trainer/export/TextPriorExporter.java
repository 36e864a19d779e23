package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Dataset;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.Caption;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.Plausibility;
import io.scanline.trainer.models.TextPrior;
import io.scanline.trainer.text.CaptionTexts;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.Recipe;
import io.scanline.trainer.training.ReferenceVision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Writes a trained prior over codes that is given a text as a bundle that stands alone: its own graphs, the tokenizer of its
 * texts, and copies of the encoder and the decoder of its images.
 *
 * @param source the recipe, which names the digest of the tokenizer of images, and its text
 * @param network the recipe's network
 * @param parameters the trained parameters
 * @param images the tokenizer that made the codes
 * @param codes of the images, with captions
 * @param texts content of tokenizer.json
 * @param dataset the data set they come from
 * @param steps optimiser steps taken
 * @param minutes wall-clock minutes of training
 */
public record TextPriorExporter(
        Recipe.Source source,
        TextPrior network,
        Parameters parameters,
        Tokenizer images,
        CaptionedImages codes,
        byte[] texts,
        Dataset dataset,
        int steps,
        double minutes) {
    private static final int PARITY_TEXTS = 16;
    private static final int GOLDEN = 3;
    private static final int SHEET_ROWS = 6;
    private static final int SHEET_COLUMNS = 8;
    private static final long SHEET_SEED = 1;

    /** Exports into DIR/NAME/VERSION; see {@link PriorExporter#export}. */
    public Path export(Path models, int threads, Consumer<String> report, IntConsumer evaluated)
            throws IOException, OrtException, InterruptedException {
        Parameters rounded = parameters.rounded();
        StoredBundle drawing = StepGraph.bundle(network, rounded.values());
        BundleWriter writer = new BundleWriter(source, dataset, steps, minutes);
        Float recommended = source.recipe().captions().guidance();
        float guidance = recommended == null ? 1 : recommended;
        StoredBundle stored = TextConditionGraph.added(
                PriorExporter.described(writer.describe(network), drawing, images),
                network,
                rounded.values(),
                texts,
                guidance);
        TestTexts test = TestTexts.of(codes, codes.images().test());
        checkParity(rounded, drawing, stored, test, report);
        return writer.write(models, directory -> {
            stored.writeGraphs(directory);
            new PromptSheet(stored)
                    .write(
                            sheet(),
                            SHEET_COLUMNS,
                            guidance,
                            SHEET_SEED,
                            stored.bundle().getRecommendedTemperature(),
                            directory.resolve("preview.png"));
            List<Metric> figures = new PriorFigures(
                            stored, dataset.getName(), source.recipe().tokenizer(), test.images().size())
                    .of(codes.images().training(), codes, codes.images().test(), threads, evaluated);
            VisionParity.report(report, figures);
            Plausibility.of(dataset.getName(), stored.bundle().getGeometry(), figures, true).require(report);
            try (PromptReader reader = new PromptReader(stored)) {
                return stored.bundle().toBuilder()
                        .addAllMetrics(figures)
                        .addAllGoldenSamples(PriorGoldenSamples.write(stored, reader, golden(reader, test), directory))
                        .build();
            }
        });
    }

    private void checkParity(
            Parameters rounded, StoredBundle drawing, StoredBundle stored, TestTexts test, Consumer<String> report)
            throws IOException, OrtException {
        try (PromptReader reader = new PromptReader(stored)) {
            List<String> some = test.texts().subList(0, Math.min(PARITY_TEXTS, test.texts().size()));
            CaptionTexts.Tokens tokens = reader.tokens(some);
            VisionParity.require(
                    report,
                    Map.of(StepGraph.CONDITION, ReferenceVision.condition(network, rounded, tokens)),
                    Map.of(StepGraph.CONDITION, reader.condition(tokens)));
            ParityCheck.DEFAULT.check(
                    network, rounded, drawing, reader.conditions(some), test.images().first(some.size() - 1), report);
        }
    }

    /** The empty text, and captions of the test set that the model reads to their end. */
    private static List<String> golden(PromptReader reader, TestTexts test) {
        List<String> chosen = new ArrayList<>(List.of(""));
        test.texts().stream().skip(1).filter(reader::fits).limit(GOLDEN - 1L).forEach(chosen::add);
        return chosen;
    }

    /** Captions of the training set, and of the test set. */
    private List<PromptSheet.Row> sheet() {
        List<PromptSheet.Row> rows = new ArrayList<>();
        rows.addAll(spread("seen", codes.images().training()));
        rows.addAll(spread("new", codes.images().test()));
        return rows;
    }

    private List<PromptSheet.Row> spread(String title, ImageSet some) {
        List<String> distinct = codes.of(some).stream().map(Caption::text).distinct().toList();
        int count = Math.min(SHEET_ROWS, distinct.size());
        return IntStream.range(0, count)
                .mapToObj(row -> distinct.get((2 * row + 1) * distinct.size() / (2 * count)))
                .map(text -> new PromptSheet.Row(title + ": " + text, text))
                .toList();
    }
}
