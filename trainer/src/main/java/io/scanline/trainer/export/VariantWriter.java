package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.File;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.bundle.v1.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a bundle anew with a variant of its steps: the graph, what it costs and golden samples. What is there stays as it is.
 *
 * @param stored the bundle without the variant
 * @param made the bundle with the graph
 * @param variant its name
 */
record VariantWriter(StoredBundle stored, StoredBundle made, String variant) {
    /** Finds out what a variant costs. */
    @FunctionalInterface
    interface Measurement {
        /** Adds the figures of the bundle with the variant. */
        void of(StoredBundle made, List<Metric> figures) throws IOException, OrtException, InterruptedException;
    }

    /** Writes the bundle in the place of what it was, directory NAME/VERSION. */
    void write(Path directory, Measurement measurement) throws IOException, OrtException, InterruptedException {
        BundleWriter.replace(directory, partial -> {
            for (File file : stored.bundle().getFilesList()) {
                Path copy = partial.resolve(file.getPath());
                Files.createDirectories(copy.getParent());
                Files.copy(directory.resolve(file.getPath()), copy);
            }
            made.writeGraphs(partial);
            List<Metric> figures = new ArrayList<>();
            measurement.of(made, figures);
            return made.bundle().toBuilder()
                    .addAllMetrics(figures)
                    .addAllGoldenSamples(samples(made.in(variant), partial))
                    .clearFiles()
                    .build();
        });
    }

    private static List<GoldenSample> samples(StoredBundle made, Path directory) throws IOException, OrtException {
        if (!made.drawsCodes()) {
            return GoldenSamples.write(made, directory);
        }
        if (!made.drawsTexts()) {
            return PriorGoldenSamples.write(made, directory);
        }
        List<String> texts = made.bundle().getGoldenSamplesList().stream()
                .filter(sample -> sample.getVariant().isEmpty())
                .map(GoldenSample::getText)
                .toList();
        try (PromptReader reader = new PromptReader(made)) {
            return PriorGoldenSamples.write(made, reader, texts, directory);
        }
    }
}
