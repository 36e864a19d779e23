package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Dataset;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.bundle.v1.Metric;
import io.scanline.contract.CpuKind;
import io.scanline.trainer.data.Caption;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.Captioner;
import io.scanline.trainer.text.CaptionTexts;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.Recipe;
import io.scanline.trainer.training.ReferenceVision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Writes a trained captioner as a bundle, after checking that what is written computes what was trained: what images become, the
 * logits of whole sequences, and those of the same sequences step by step.
 *
 * @param source the recipe and its text
 * @param network the recipe's network
 * @param parameters the trained parameters
 * @param images levels, with captions
 * @param tokenizer content of tokenizer.json
 * @param background grey behind transparent places of pictures
 * @param dataset the data set they come from
 * @param steps optimiser steps taken
 * @param minutes wall-clock minutes of training
 */
public record CaptionerExporter(
        Recipe.Source source,
        Captioner network,
        Parameters parameters,
        CaptionedImages images,
        byte[] tokenizer,
        int background,
        Dataset dataset,
        int steps,
        double minutes) {
    private static final int PARITY_IMAGES = 8;
    private static final int GOLDEN = 3;
    private static final int SHEET_ROWS = 12;
    // Sums of other kernels differ by rounding; a wrong graph or weight differs by far more.
    private static final double TOLERANCE = 1e-3;

    /** Exports into DIR/NAME/VERSION; see {@link LatentExporter#export}. */
    public Path export(Path models, Consumer<String> report, IntConsumer evaluated)
            throws IOException, OrtException, InterruptedException {
        Parameters rounded = parameters.rounded();
        BundleWriter writer = new BundleWriter(source, dataset, steps, minutes);
        StoredBundle stored =
                CaptionGraph.added(writer.describe(network), network, rounded.values(), tokenizer, background);
        try (CaptionSession session = new CaptionSession(stored)) {
            checkParity(rounded, session, images.images().test().first(PARITY_IMAGES), report);
            return writer.write(models, directory -> {
                stored.writeGraphs(directory);
                List<Metric> figures = new CaptionFigures(stored, dataset.getName(), evaluated).of(images, Integer.MAX_VALUE);
                VisionParity.report(report, figures);
                new CaptionSheet(stored).write(images, SHEET_ROWS, directory.resolve("preview.png"));
                return stored.bundle().toBuilder()
                        .addAllMetrics(figures)
                        .addAllGoldenSamples(golden(session, directory))
                        .build();
            });
        }
    }

    /** With the true texts of images, ids behind their ends among them. */
    private void checkParity(Parameters rounded, CaptionSession session, ImageSet some, Consumer<String> report)
            throws OrtException {
        CaptionTexts.Tokens texts = CaptionTexts.tokens(
                session.tokenizer(), images.of(some).stream().map(Caption::text).toList());
        float[] prefix = session.prefix(VisionParity.images(some));
        int batch = some.size();
        int context = texts.tokens().length / batch;
        float[] whole;
        try (CaptionSession.Sequences sequences = session.new Sequences(prefix, batch)) {
            whole = sequences.logits(texts.tokens(), 0, network.positions());
        }
        int ids = whole.length / batch / network.positions();
        float[] stepped = new float[whole.length];
        try (CaptionSession.Sequences sequences = session.new Sequences(prefix, batch)) {
            for (int position = 0; position < network.positions(); position++) {
                long[] token = new long[batch];
                for (int n = 0; n < batch; n++) {
                    token[n] = texts.tokens()[n * context + Math.max(0, position - network.prefix())];
                }
                float[] step = sequences.logits(token, position, 1);
                for (int n = 0; n < batch; n++) {
                    System.arraycopy(step, n * ids, stepped, (n * network.positions() + position) * ids, ids);
                }
            }
        }
        Map<String, float[]> reference = ReferenceVision.caption(network, rounded, some, texts, ids);
        VisionParity.require(
                report,
                Map.of(
                        CaptionSession.PREFIX, reference.get(CaptionSession.PREFIX),
                        CaptionSession.LOGITS, reference.get(CaptionSession.LOGITS),
                        "stepped logits", reference.get(CaptionSession.LOGITS)),
                Map.of(CaptionSession.PREFIX, prefix, CaptionSession.LOGITS, whole, "stepped logits", stepped));
    }

    /** What is said of the first test images, with a batch of 1. */
    private List<GoldenSample> golden(CaptionSession session, Path directory) throws IOException, OrtException {
        Files.createDirectories(directory.resolve("golden"));
        ImageSet test = images.images().test();
        List<GoldenSample> samples = new ArrayList<>();
        for (int n = 0; n < Math.min(GOLDEN, test.size()); n++) {
            String path = "golden/" + n;
            byte[] levels = test.image(n);
            CaptionSession.Said said = session.say(List.of(levels)).get(0);
            samples.add(GoldenSample.newBuilder()
                    .setSteps(levels.length)
                    .setPixels(VisionGoldenSamples.write(directory, path + ".pixels", levels))
                    .setLogits(VisionGoldenSamples.write(
                            directory, path + ".logits", LatentGoldenSamples.floats(said.logits())))
                    .setText(session.text(said.ids()))
                    .setTextTokens(VisionGoldenSamples.write(
                            directory, path + ".tokens", VisionGoldenSamples.integers(said.ids())))
                    .setCpuKind(CpuKind.current())
                    .setAtol(TOLERANCE)
                    .setRtol(TOLERANCE)
                    .build());
        }
        return samples;
    }
}
