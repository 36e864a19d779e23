package io.scanline.server.transport;

import com.google.protobuf.UnsafeByteOperations;
import io.scanline.server.engine.ImageProgress;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.Pixels;

/** The values of an image. */
final class PixelsOwed implements Owed {
    private final ImageProgress image;
    private final PacedSpan span;

    PixelsOwed(ImageProgress image, PacedSpan span) {
        this.image = image;
        this.span = span;
    }

    @Override
    public void tick() {
        span.tick();
    }

    @Override
    public boolean delivered() {
        boolean ended = image.result().isPresent(); // before what is decided, which may still grow until then
        return span.delivered(image.decided(), ended);
    }

    @Override
    public int sent() {
        return span.sent();
    }

    @Override
    public GenerateResponse next(Sequences sequences) {
        int from = span.sent();
        boolean ended = image.result().isPresent(); // before what is decided, which may still grow until then
        int to = span.limit(image.decided(), ended);
        if (to <= from) {
            return null;
        }
        span.advance(to);
        return GenerateResponse.newBuilder()
                .setPixels(Pixels.newBuilder()
                        .setImageIndex(image.index())
                        .setFirstIndex(from)
                        // values() made this copy for us alone.
                        .setValues(UnsafeByteOperations.unsafeWrap(image.values(from, to)))
                        .setSequence(sequences.nextPixels()))
                .build();
    }
}
