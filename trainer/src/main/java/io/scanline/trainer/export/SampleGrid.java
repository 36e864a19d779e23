package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import com.google.protobuf.ByteString;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.trainer.report.SampleSheet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A sheet of fresh samples: one row for each class.
 *
 * @param bundle whose samples
 * @param onnx bytes of its step graph
 */
public record SampleGrid(Bundle bundle, byte[] onnx) {
    private static final int SCALE = 3;

    /** As {@link #write(List, int, long, float, Path)}, for all classes. */
    public void write(int columns, long seed, float temperature, Path file) throws IOException, OrtException {
        int classes = bundle.getConditioning().getClassNamesCount();
        write(IntStream.range(0, classes).boxed().toList(), columns, seed, temperature, file);
    }

    /**
     * Draws images of some classes: image index n of a request with seed {@code seed + class} in column n.
     *
     * @param labels the classes, a row each
     * @param columns images of a row
     * @param temperature 0 to 10
     */
    public void write(List<Integer> labels, int columns, long seed, float temperature, Path file)
            throws IOException, OrtException {
        ImageGeometry geometry = bundle.getGeometry();
        SampleSheet sheet =
                new SampleSheet(geometry.getWidth(), geometry.getHeight(), geometry.getChannels(), SCALE);
        try (StepSession session = new StepSession(bundle, onnx, columns)) {
            Sampler sampler = new Sampler(bundle, session);
            for (int label : labels) {
                int[] row = new int[columns];
                Arrays.fill(row, label);
                sheet.row(
                        bundle.getConditioning().getClassNames(label),
                        sampler.draw(row, seed + label, 0, temperature).stream()
                                .map(image -> intensities(image, geometry.getLevelValues()))
                                .toList());
            }
        }
        sheet.write(file);
    }

    private static byte[] intensities(byte[] levels, ByteString levelValues) {
        byte[] shown = new byte[levels.length];
        for (int i = 0; i < shown.length; i++) {
            shown[i] = levelValues.byteAt(levels[i] & 0xFF);
        }
        return shown;
    }
}
