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
        return span.delivered(image.result().isPresent(), image.decided());
    }

    @Override
    public GenerateResponse next(Sequences sequences) {
        int from = span.sent();
        boolean ended = image.result().isPresent(); // asked first: after it no more is decided
        int to = span.limit(ended, image.decided());
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
