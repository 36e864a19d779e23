package io.scanline.server.transport;

import com.google.protobuf.ByteString;
import io.scanline.server.engine.ImageProgress;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.Preview;

/** Pictures of the values that an image has so far, the last one of the whole image. */
final class PreviewsOwed implements Owed {
    private final ImageProgress image;
    private final PreviewPicture picture;
    private final int steps;
    private int previewed;
    private boolean due;

    PreviewsOwed(ImageProgress image, PreviewPicture picture, int steps) {
        this.image = image;
        this.picture = picture;
        this.steps = steps;
    }

    @Override
    public void tick() {
        due = true;
    }

    /** The last picture goes out before the last values. */
    @Override
    public boolean delivered() {
        return true;
    }

    @Override
    public GenerateResponse next(Sequences sequences) {
        int decided = image.decided();
        if (decided <= previewed || !due && decided < steps) {
            return null;
        }
        due = false;
        previewed = decided;
        return message(image.index(), picture.encode(image.values(0, decided)), decided, steps);
    }

    static GenerateResponse message(int imageIndex, ByteString picture, int step, int steps) {
        return GenerateResponse.newBuilder()
                .setPreview(Preview.newBuilder()
                        .setImageIndex(imageIndex)
                        .setImage(picture)
                        .setMediaType(PreviewPicture.MEDIA_TYPE)
                        .setStep(step)
                        .setTotalSteps(steps))
                .build();
    }
}
