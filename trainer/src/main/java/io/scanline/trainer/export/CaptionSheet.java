package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.trainer.data.Caption;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.report.SampleSheet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A sheet of images with what a model says of them, beside what they are called.
 *
 * @param stored the bundle
 */
public record CaptionSheet(StoredBundle stored) {
    private static final int SCALE = 2;

    /**
     * Writes a row for an image, of those in a style unseen in training if there are any, and of the test set, both spread over
     * all.
     *
     * @param images levels
     * @param rows of each of both
     */
    public void write(CaptionedImages images, int rows, Path file) throws IOException, OrtException {
        ImageGeometry geometry = stored.bundle().getGeometry();
        SampleSheet sheet = new SampleSheet(geometry.getWidth(), geometry.getHeight(), geometry.getChannels(), SCALE);
        try (CaptionSession session = new CaptionSession(stored)) {
            if (images.unseenStyle().isPresent()) {
                add(sheet, session, images, images.unseenStyle().get(), rows, "unseen style: ");
            }
            add(sheet, session, images, images.images().test(), rows, "new: ");
        }
        sheet.write(file);
    }

    private void add(
            SampleSheet sheet, CaptionSession session, CaptionedImages images, ImageSet all, int rows, String title)
            throws OrtException {
        int count = Math.min(rows, all.size());
        ImageSet some = all.select(IntStream.range(0, count)
                .map(row -> (2 * row + 1) * all.size() / (2 * count))
                .toArray());
        List<byte[]> shown = VisionParity.images(some);
        List<CaptionSession.Said> said = session.say(shown);
        List<Caption> captions = images.of(some);
        for (int row = 0; row < count; row++) {
            String text = session.text(said.get(row).ids());
            boolean right = captions.get(row).texts().stream().map(session::spelled).anyMatch(text::equals);
            sheet.row(
                    title + captions.get(row).text() + (right ? "  =  " : "  /  ") + text,
                    List.of(SampleGrid.intensities(
                            shown.get(row), stored.bundle().getGeometry().getLevelValues())));
        }
    }
}
