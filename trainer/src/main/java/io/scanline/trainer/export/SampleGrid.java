package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import com.google.protobuf.ByteString;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.trainer.report.SampleSheet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A sheet of fresh samples: one row for each class, or ten rows where the model knows of none.
 *
 * @param stored the bundle whose samples
 */
public record SampleGrid(StoredBundle stored) {
    /** Rows of the sheet of a model that knows of no classes. */
    private static final int ROWS_WITHOUT_CLASSES = 10;

    private static final int SCALE = 3;

    /**
     * Draws images of all classes, as {@link #write(List, int, long, float, Path)}; where the model knows of none,
     * images 0, 1, .. of a request with this seed.
     */
    public void write(int columns, long seed, float temperature, Path file) throws IOException, OrtException {
        int classes = stored.bundle().getConditioning().getClassNamesCount();
        if (classes > 0) {
            write(IntStream.range(0, classes).boxed().toList(), columns, seed, temperature, file);
            return;
        }
        List<Row> rows = IntStream.range(0, ROWS_WITHOUT_CLASSES)
                .mapToObj(row -> new Row("from " + row * columns, 0, seed, row * columns))
                .toList();
        draw(rows, columns, temperature, file);
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
        List<Row> rows = labels.stream()
                .map(label -> new Row(
                        stored.bundle().getConditioning().getClassNames(label), label, seed + label, 0))
                .toList();
        draw(rows, columns, temperature, file);
    }

    private record Row(String title, int label, long seed, int firstIndex) {}

    private void draw(List<Row> rows, int columns, float temperature, Path file) throws IOException, OrtException {
        ImageGeometry geometry = stored.bundle().getGeometry();
        SampleSheet sheet =
                new SampleSheet(geometry.getWidth(), geometry.getHeight(), geometry.getChannels(), SCALE);
        StoredBundle drawn = stored.drawn();
        try (StepSession session = new StepSession(drawn, columns);
                DrawnImages images = new DrawnImages(stored)) {
            Sampler sampler = new Sampler(drawn.bundle(), session);
            for (Row row : rows) {
                int[] labels = new int[columns];
                Arrays.fill(labels, row.label());
                List<byte[]> shown = new ArrayList<>();
                for (byte[] values : sampler.draw(labels, row.seed(), row.firstIndex(), temperature)) {
                    shown.add(intensities(images.levels(values), geometry.getLevelValues()));
                }
                sheet.row(row.title(), shown);
            }
        }
        sheet.write(file);
    }

    /** What shows levels. */
    static byte[] intensities(byte[] levels, ByteString levelValues) {
        byte[] shown = new byte[levels.length];
        for (int i = 0; i < shown.length; i++) {
            shown[i] = levelValues.byteAt(levels[i] & 0xFF);
        }
        return shown;
    }
}
