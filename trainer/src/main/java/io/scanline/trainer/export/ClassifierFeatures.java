package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.contract.ImagePlanes;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.ImageFeatures;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * Features and judgement of a bundle with a classifier: a graph of role "classifier" with images as its input and "logits",
 * and perhaps "features", as its outputs; without them the logits are the features.
 *
 * @param stored the bundle
 */
public record ClassifierFeatures(StoredBundle stored) implements ImageFeatures {
    private static final String ROLE = "classifier";
    private static final int BATCH = 50;

    /**
     * Checks that a bundle can judge images like these.
     *
     * @throws IOException when it cannot; the message says why
     */
    public static ClassifierFeatures of(StoredBundle judge, ImageSet images) throws IOException {
        Bundle bundle = judge.bundle();
        if (judge.graph(ROLE).isEmpty()) {
            throw new IOException(bundle.getName() + " has no graph of role \"" + ROLE + "\" to judge with");
        }
        ImageGeometry judged = bundle.getGeometry();
        if (judged.getWidth() != images.width()
                || judged.getHeight() != images.height()
                || judged.getChannels() != images.channels()) {
            throw new IOException(bundle.getName() + " judges images of " + judged.getWidth() + " x " + judged.getHeight()
                    + " x " + judged.getChannels() + ", and these are of another shape");
        }
        return new ClassifierFeatures(judge);
    }

    @Override
    public String name() {
        return "features of the classifier " + stored.bundle().getName() + "/" + stored.bundle().getVersion();
    }

    @Override
    public Described describe(ImageSet images) {
        double[][] features = new double[images.size()][];
        int[] classes = new int[images.size()];
        ImagePlanes planes = new ImagePlanes(stored.bundle().getGeometry().toBuilder()
                .setLevels(images.levels()) // intensities of the model's levels, whatever the classifier was trained on
                .build());
        try (GraphSession session = new GraphSession(stored, ROLE, "image")) {
            for (int first = 0; first < images.size(); first += BATCH) {
                int count = Math.min(BATCH, images.size() - first);
                float[] intensities = new float[count * planes.values()];
                for (int n = 0; n < count; n++) {
                    planes.fromLevels(images.image(first + n), intensities, n * planes.values());
                }
                Map<String, float[]> outputs = session.run(intensities, count);
                float[] logits = outputs.get("logits");
                float[] described = outputs.getOrDefault("features", logits);
                for (int n = 0; n < count; n++) {
                    features[first + n] = row(described, n, count);
                    classes[first + n] = largest(row(logits, n, count));
                }
            }
        } catch (OrtException failed) {
            throw new IllegalStateException("the classifier does not run: " + failed.getMessage(), failed);
        }
        return new Described(features, Optional.of(classes));
    }

    private static double[] row(float[] numbers, int row, int rows) {
        int width = numbers.length / rows;
        double[] copy = new double[width];
        Arrays.setAll(copy, i -> numbers[row * width + i]);
        return copy;
    }

    private static int largest(double[] numbers) {
        int largest = 0;
        for (int i = 1; i < numbers.length; i++) {
            largest = numbers[i] > numbers[largest] ? i : largest;
        }
        return largest;
    }
}
