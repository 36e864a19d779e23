package io.scanline.server.transport;

/** Numbers the messages of one stream, kind by kind. Used by one drain at a time. */
final class Sequences {
    private long pixels;
    private long tokens;

    /** Number of the next Pixels message. */
    long nextPixels() {
        return pixels++;
    }

    /** Number of the next Tokens message. */
    long nextTokens() {
        return tokens++;
    }
}
