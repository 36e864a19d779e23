package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.trainer.data.Caption;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.Retrieval;
import io.scanline.trainer.report.SampleSheet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A sheet of what a model sees in test images.
 *
 * @param stored the bundle
 * @param threads that share the images
 */
public record VisionSheet(StoredBundle stored, int threads) {
    private static final int SCALE = 2;

    /** Writes a row for every class, of the first images that the model takes for it. */
    public void classes(ImageSet test, int columns, Path file) throws IOException, OrtException, InterruptedException {
        List<String> names = stored.bundle().getClassifier().getClassNamesList();
        float[] logits = new ImageAnswers(stored, threads).of(test, done -> {}).get("logits");
        SampleSheet sheet = sheet();
        for (int label = 0; label < names.size(); label++) {
            int wanted = label;
            sheet.row(names.get(label), shown(
                    test,
                    IntStream.range(0, test.size())
                            .filter(n -> VisionFigures.likeliest(logits, n, names.size()) == wanted)
                            .limit(columns)
                            .toArray()));
        }
        sheet.write(file);
    }

    /** Writes a row for some of the texts, spread over all: the nearest images, the nearest first. */
    public void texts(ImageSet test, List<Caption> captions, int rows, int columns, Path file)
            throws IOException, OrtException, InterruptedException {
        int dimensions = stored.bundle().getEmbedding().getDimensions();
        int count = Math.min(rows, captions.size());
        List<String> texts = IntStream.range(0, count)
                .mapToObj(row -> captions.get(row * captions.size() / count).text())
                .toList();
        SampleSheet sheet = sheet();
        try (VisionSession session = new VisionSession(stored)) {
            float[] images = new ImageAnswers(stored, threads).of(test, done -> {}).get(VisionSession.EMBEDDING);
            float[] queries = VisionFigures.read(session, texts);
            for (int row = 0; row < count; row++) {
                int query = row;
                sheet.row(texts.get(row), shown(
                        test,
                        IntStream.range(0, test.size())
                                .boxed()
                                .sorted(Comparator.comparingDouble(
                                        n -> -Retrieval.product(queries, query, images, n, dimensions)))
                                .limit(columns)
                                .mapToInt(n -> n)
                                .toArray()));
            }
        }
        sheet.write(file);
    }

    private SampleSheet sheet() {
        ImageGeometry geometry = stored.bundle().getGeometry();
        return new SampleSheet(geometry.getWidth(), geometry.getHeight(), geometry.getChannels(), SCALE);
    }

    private List<byte[]> shown(ImageSet images, int[] indices) {
        Bundle bundle = stored.bundle();
        return IntStream.of(indices)
                .mapToObj(images::image)
                .map(levels -> {
                    byte[] intensities = new byte[levels.length];
                    for (int i = 0; i < levels.length; i++) {
                        intensities[i] = bundle.getGeometry().getLevelValues().byteAt(levels[i] & 0xFF);
                    }
                    return intensities;
                })
                .toList();
    }
}
