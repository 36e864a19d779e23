package io.scanline.server.transport;

import io.scanline.server.engine.CodeProgress;
import io.scanline.server.engine.ImageProgress;
import io.scanline.v1.CodeGrid;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.Geometry;
import io.scanline.v1.Started;
import java.util.ArrayList;
import java.util.List;

/**
 * What one image still owes its reader. The values themselves stay in the {@link ImageProgress}: what is not sent in
 * time becomes a longer message later, so that no queue can grow. Used by one drain at a time.
 */
final class ImageOutbox {
    private final List<Owed> parts; // the first that has something goes first

    private ImageOutbox(List<Owed> parts) {
        this.parts = parts;
    }

    /**
     * Of an image of which a part need not be sent.
     *
     * @param plan when it is sent, and how
     * @param started what was said of the images
     * @param sent how much that is, in values; of a model that draws codes in codes and then in values
     */
    static ImageOutbox of(ImageProgress image, StreamPlan plan, Started started, int sent) {
        return new ImageOutbox(image.codes()
                .map(codes -> ofCodes(image, codes, plan, started, sent))
                .orElseGet(() -> ofValues(image, plan, started.getGeometry(), sent)));
    }

    /** How much was sent, or need not be; see {@link #of}. */
    int sent() {
        return parts.stream().mapToInt(Owed::sent).sum();
    }

    private static List<Owed> ofValues(ImageProgress image, StreamPlan plan, Geometry geometry, int sent) {
        int row = geometry.getWidth() * geometry.getChannels();
        int values = row * geometry.getHeight();
        List<Owed> parts = new ArrayList<>();
        if (plan.pace() == Pace.PREVIEW) {
            parts.add(new PreviewsOwed(image, new PreviewPicture(geometry, plan.previewSize()), values));
        }
        parts.add(new PixelsOwed(image, new PacedSpan(plan, values, row, sent)));
        return parts;
    }

    private static List<Owed> ofCodes(
            ImageProgress image, CodeProgress codes, StreamPlan plan, Started started, int sent) {
        Geometry geometry = started.getGeometry();
        CodeGrid grid = started.getCodes();
        int row = geometry.getWidth() * geometry.getChannels();
        List<Owed> parts = new ArrayList<>();
        if (plan.pace() == Pace.PREVIEW) {
            parts.add(new DecodedPreviewsOwed(
                    image, codes, new PreviewPicture(geometry, plan.previewSize()), grid));
        }
        int steps = grid.getRows() * grid.getColumns();
        PacedSpan span = new PacedSpan(plan, steps, grid.getColumns(), Math.min(sent, steps));
        parts.add(new TokensOwed(image, codes, span));
        int values = row * geometry.getHeight();
        parts.add(new PixelsOwed(image, new PacedSpan(plan.at(Pace.FINAL), values, row, Math.max(0, sent - steps))));
        return parts;
    }

    /** The interval has passed. */
    void tick() {
        parts.forEach(Owed::tick);
    }

    /** Everything was sent. */
    boolean delivered() {
        return parts.stream().allMatch(Owed::delivered);
    }

    /** The next message that may be sent now; null: none. */
    GenerateResponse next(Sequences sequences) {
        for (Owed part : parts) {
            GenerateResponse message = part.next(sequences);
            if (message != null) {
                return message;
            }
        }
        return null;
    }
}
