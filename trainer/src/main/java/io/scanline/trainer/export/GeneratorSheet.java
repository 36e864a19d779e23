package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import com.google.protobuf.ByteString;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.NearestNeighbour;
import io.scanline.trainer.report.SampleSheet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sheets of what a generator draws: a row for each class, or of images 0, 1, .. of one request where it knows of none.
 *
 * @param session of the model
 */
public record GeneratorSheet(LatentSession session) {
    private static final int SCALE = 3;
    private static final int ROWS_WITHOUT_CLASSES = 10;
    private static final int NEAREST_ROWS = 4;

    private record Row(String title, long label, long seed, int firstIndex) {}

    /**
     * Draws every class, class i with seed + i as {@link SampleGrid} does.
     *
     * @param columns images of a row
     */
    public void write(int columns, long seed, float temperature, Path file) throws IOException, OrtException {
        write(IntStream.range(0, session.classes().size()).boxed().toList(), columns, seed, temperature, file);
    }

    /** Draws these classes; none of them where the model knows of none. */
    public void write(List<Integer> labels, int columns, long seed, float temperature, Path file)
            throws IOException, OrtException {
        SampleSheet sheet = sheet();
        for (Row row : rows(labels, columns, seed)) {
            sheet.row(row.title(), shown(draw(row, columns, temperature)));
        }
        sheet.write(file);
    }

    /** Draws some images, and below each that one of the training images which differs least from it. */
    void nearest(ImageSet training, int columns, long seed, float temperature, Path file)
            throws IOException, OrtException {
        NearestNeighbour neighbours = new NearestNeighbour(training);
        SampleSheet sheet = sheet();
        List<Integer> labels = IntStream.range(0, session.classes().size()).boxed().toList();
        for (Row row : rows(labels, columns, seed).stream().limit(NEAREST_ROWS).toList()) {
            List<byte[]> drawn = draw(row, columns, temperature);
            sheet.row(row.title(), shown(drawn));
            sheet.row(
                    "nearest of training",
                    shown(drawn.stream().map(image -> training.image(neighbours.find(image).index())).toList()));
        }
        sheet.write(file);
    }

    private SampleSheet sheet() {
        ImageGeometry geometry = session.bundle().getGeometry();
        return new SampleSheet(geometry.getWidth(), geometry.getHeight(), geometry.getChannels(), SCALE);
    }

    private List<Row> rows(List<Integer> labels, int columns, long seed) {
        return session.classes().isEmpty()
                ? IntStream.range(0, ROWS_WITHOUT_CLASSES)
                        .mapToObj(row -> new Row("from " + row * columns, 0, seed, row * columns))
                        .toList()
                : labels.stream()
                        .map(label -> new Row(session.classes().get(label), label, seed + label, 0))
                        .toList();
    }

    private List<byte[]> draw(Row row, int columns, float temperature) throws OrtException {
        return images(
                session, row.seed(), row.firstIndex(), Collections.nCopies(columns, (int) row.label()), temperature);
    }

    /** Levels of images first, first + 1, .. of a request with a seed, one for each of the labels. */
    static List<byte[]> images(LatentSession session, long seed, int first, List<Integer> labels, float temperature)
            throws OrtException {
        float[] latents = new float[labels.size() * session.size()];
        for (int n = 0; n < labels.size(); n++) {
            System.arraycopy(
                    session.draw(seed, first + n, temperature), 0, latents, n * session.size(), session.size());
        }
        float[] decoded = session.decode(latents, labels.stream().mapToLong(Integer::longValue).toArray())
                .get("image");
        List<byte[]> images = new ArrayList<>();
        for (int n = 0; n < labels.size(); n++) {
            images.add(session.levels(decoded, n));
        }
        return images;
    }

    private List<byte[]> shown(List<byte[]> images) {
        ByteString levelValues = session.bundle().getGeometry().getLevelValues();
        List<byte[]> shown = new ArrayList<>();
        for (byte[] levels : images) {
            byte[] intensities = new byte[levels.length];
            for (int i = 0; i < levels.length; i++) {
                intensities[i] = levelValues.byteAt(levels[i] & 0xFF);
            }
            shown.add(intensities);
        }
        return shown;
    }
}
