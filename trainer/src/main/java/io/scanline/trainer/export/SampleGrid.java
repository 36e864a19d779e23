package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.trainer.data.Quantiser;
import io.scanline.trainer.report.SampleSheet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A sheet of fresh samples: one row for each class.
 *
 * @param bundle whose samples
 * @param onnx bytes of its step graph
 */
public record SampleGrid(Bundle bundle, byte[] onnx) {
    private static final int SCALE = 3;

    /** Draws {@code columns} images of every class: image index n of a request with seed {@code seed + class} in column n. */
    public void write(int columns, long seed, float temperature, Path file) throws IOException, OrtException {
        Quantiser quantiser = new Quantiser(bundle.getGeometry().getLevels());
        List<String> classNames = bundle.getConditioning().getClassNamesList();
        SampleSheet sheet = new SampleSheet(
                bundle.getGeometry().getWidth(), bundle.getGeometry().getHeight(), bundle.getGeometry().getChannels(), SCALE);
        try (StepSession session = new StepSession(bundle, onnx, columns)) {
            Sampler sampler = new Sampler(bundle, session);
            for (int label = 0; label < classNames.size(); label++) {
                int[] labels = new int[columns];
                Arrays.fill(labels, label);
                sheet.row(
                        classNames.get(label),
                        sampler.draw(labels, seed + label, 0, temperature).stream()
                                .map(quantiser::intensities)
                                .toList());
            }
        }
        sheet.write(file);
    }
}
