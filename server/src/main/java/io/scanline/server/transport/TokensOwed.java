package io.scanline.server.transport;

import io.scanline.server.engine.CodeProgress;
import io.scanline.server.engine.ImageProgress;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.Tokens;

/** The codes that an image is made of. */
final class TokensOwed implements Owed {
    private final ImageProgress image;
    private final CodeProgress codes;
    private final PacedSpan span;

    TokensOwed(ImageProgress image, CodeProgress codes, PacedSpan span) {
        this.image = image;
        this.codes = codes;
        this.span = span;
    }

    @Override
    public void tick() {
        span.tick();
    }

    @Override
    public boolean delivered() {
        boolean ended = image.result().isPresent(); // before what is decided, which may still grow until then
        return span.delivered(codes.decided(), ended);
    }

    @Override
    public int sent() {
        return span.sent();
    }

    @Override
    public GenerateResponse next(Sequences sequences) {
        int from = span.sent();
        boolean ended = image.result().isPresent(); // before what is decided, which may still grow until then
        int to = span.limit(codes.decided(), ended);
        if (to <= from) {
            return null;
        }
        span.advance(to);
        Tokens.Builder tokens = Tokens.newBuilder()
                .setImageIndex(image.index())
                .setFirstIndex(from)
                .setSequence(sequences.nextTokens());
        for (byte code : codes.codes(from, to)) {
            tokens.addCodes(code & 0xFF);
        }
        return GenerateResponse.newBuilder().setTokens(tokens).build();
    }
}
