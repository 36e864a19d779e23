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
     * Of an image of which nothing was sent.
     *
     * @param started what was said of the images
     * @param given values, or codes, that the client gave: they are not sent back
     */
    static ImageOutbox of(ImageProgress image, StreamPlan plan, Started started, int given) {
        return new ImageOutbox(image.codes()
                .map(codes -> ofCodes(image, codes, plan, started, given))
                .orElseGet(() -> ofValues(image, plan, started.getGeometry(), given)));
    }

    private static List<Owed> ofValues(ImageProgress image, StreamPlan plan, Geometry geometry, int given) {
        int row = geometry.getWidth() * geometry.getChannels();
        int values = row * geometry.getHeight();
        List<Owed> parts = new ArrayList<>();
        if (plan.pace() == Pace.PREVIEW) {
            parts.add(new PreviewsOwed(image, new PreviewPicture(geometry, plan.previewSize()), values));
        }
        parts.add(new PixelsOwed(image, new PacedSpan(plan, values, row, given)));
        return parts;
    }

    private static List<Owed> ofCodes(
            ImageProgress image, CodeProgress codes, StreamPlan plan, Started started, int given) {
        Geometry geometry = started.getGeometry();
        CodeGrid grid = started.getCodes();
        int row = geometry.getWidth() * geometry.getChannels();
        List<Owed> parts = new ArrayList<>();
        if (plan.pace() == Pace.PREVIEW) {
            parts.add(new DecodedPreviewsOwed(
                    image, codes, new PreviewPicture(geometry, plan.previewSize()), grid));
        }
        PacedSpan span = new PacedSpan(plan, grid.getRows() * grid.getColumns(), grid.getColumns(), given);
        parts.add(new TokensOwed(image, codes, span));
        parts.add(new PixelsOwed(image, new PacedSpan(plan.at(Pace.FINAL), row * geometry.getHeight(), row, 0)));
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
