package io.scanline.server.transport;

import com.google.protobuf.UnsafeByteOperations;
import io.scanline.server.engine.ImageProgress;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.Geometry;
import io.scanline.v1.Pixels;
import io.scanline.v1.Preview;

/**
 * What one image still owes its reader. The values themselves stay in the {@link ImageProgress}: what is not sent in time
 * becomes a longer message later, so that no queue can grow. Used by one drain at a time.
 */
final class ImageOutbox {
    /** Keeps every message below the 4 MiB that clients accept by default. */
    private static final int MOST_VALUES = 1 << 20;

    private final ImageProgress image;
    private final Pace pace;
    private final Geometry geometry;
    private final int steps;
    private int sent;
    private int previewed;
    private boolean due;

    /** @param given values that the client gave: they are not sent back */
    ImageOutbox(ImageProgress image, Pace pace, Geometry geometry, int steps, int given) {
        this.image = image;
        this.pace = pace;
        this.geometry = geometry;
        this.steps = steps;
        this.sent = given;
    }

    /** The interval has passed. */
    void tick() {
        due = true;
    }

    /** Every value was sent. */
    boolean delivered() {
        return sent == steps;
    }

    /**
     * The next message that may be sent now; null: none.
     *
     * @param sequence number of the next Pixels message
     */
    GenerateResponse next(long sequence) {
        int decided = image.decided();
        if (pace == Pace.PREVIEW && decided > previewed && (due || decided == steps)) {
            due = false;
            previewed = decided;
            return preview(decided);
        }
        int limit = Math.min(pace.limit(decided, sent, steps, geometry.getWidth() * geometry.getChannels(), due),
                sent + MOST_VALUES);
        if (limit <= sent) {
            return null;
        }
        due = false;
        GenerateResponse message = pixels(sent, limit, sequence);
        sent = limit;
        return message;
    }

    private GenerateResponse pixels(int from, int to, long sequence) {
        return GenerateResponse.newBuilder()
                .setPixels(Pixels.newBuilder()
                        .setImageIndex(image.index())
                        .setFirstIndex(from)
                        // values() made this copy for us alone.
                        .setValues(UnsafeByteOperations.unsafeWrap(image.values(from, to)))
                        .setSequence(sequence))
                .build();
    }

    private GenerateResponse preview(int decided) {
        return GenerateResponse.newBuilder()
                .setPreview(Preview.newBuilder()
                        .setImageIndex(image.index())
                        .setImage(new PreviewPicture(geometry).encode(image.values(0, decided)))
                        .setMediaType(PreviewPicture.MEDIA_TYPE)
                        .setStep(decided)
                        .setTotalSteps(steps))
                .build();
    }
}
