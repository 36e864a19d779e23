package io.scanline.server.transport;

import io.scanline.server.engine.CodeProgress;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.Tokens;

/** The codes that an image is made of. */
final class TokensOwed implements Owed {
    private final int imageIndex;
    private final CodeProgress codes;
    private final PacedSpan span;

    TokensOwed(int imageIndex, CodeProgress codes, PacedSpan span) {
        this.imageIndex = imageIndex;
        this.codes = codes;
        this.span = span;
    }

    @Override
    public void tick() {
        span.tick();
    }

    @Override
    public boolean delivered() {
        return span.delivered();
    }

    @Override
    public GenerateResponse next(Sequences sequences) {
        int from = span.sent();
        int to = span.limit(codes.decided());
        if (to <= from) {
            return null;
        }
        span.advance(to);
        Tokens.Builder tokens = Tokens.newBuilder()
                .setImageIndex(imageIndex)
                .setFirstIndex(from)
                .setSequence(sequences.nextTokens());
        for (byte code : codes.codes(from, to)) {
            tokens.addCodes(code & 0xFF);
        }
        return GenerateResponse.newBuilder().setTokens(tokens).build();
    }
}
