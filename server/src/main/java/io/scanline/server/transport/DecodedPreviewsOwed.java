package io.scanline.server.transport;

import io.scanline.server.engine.CodeProgress;
import io.scanline.server.engine.ImageProgress;
import io.scanline.v1.CodeGrid;
import io.scanline.v1.GenerateResponse;
import java.util.Optional;

/**
 * Pictures that the decoder makes of the codes so far, the last one of the whole image. One is asked for when the
 * interval has passed and the reader is ready for more, and goes out when it is there; nobody waits for it.
 */
final class DecodedPreviewsOwed implements Owed {
    private final ImageProgress image;
    private final CodeProgress codes;
    private final PreviewPicture picture;
    private final CodeGrid grid;
    private final int steps;
    private int previewed;
    private boolean due;

    DecodedPreviewsOwed(ImageProgress image, CodeProgress codes, PreviewPicture picture, CodeGrid grid) {
        this.image = image;
        this.codes = codes;
        this.picture = picture;
        this.grid = grid;
        this.steps = grid.getRows() * grid.getColumns();
    }

    @Override
    public void tick() {
        due = true;
    }

    /** The last picture goes out before the values. */
    @Override
    public boolean delivered() {
        return true;
    }

    @Override
    public GenerateResponse next(Sequences sequences) {
        int values = image.decided();
        if (values > 0 && previewed < steps) { // all of them: they come at once
            return show(image.values(0, values), steps);
        }
        Optional<CodeProgress.Preview> newest = codes.preview();
        if (newest.isPresent() && newest.get().decided() > previewed) {
            return show(newest.get().values(), newest.get().decided());
        }
        if (due && image.result().isEmpty() && codes.decided() > previewed && codes.decided() < steps) {
            due = false;
            codes.askForPreview();
        }
        return null;
    }

    private GenerateResponse show(byte[] values, int decided) {
        previewed = decided;
        return PreviewsOwed.message(
                image.index(), picture.encode(values, grid, decided), decided, steps);
    }
}
