package io.scanline.server.engine;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;

/** One image of a prior: its codes, one by one, and then all of its values. */
final class PriorImage implements ImageProgress {
    private static final byte[] NONE = {};

    private final int index;
    private final long admittedNanos;
    private final DrawnCodes codes;
    private volatile byte[] values = NONE;
    private volatile ImageResult result;

    PriorImage(int index, long admittedNanos, DrawnCodes codes) {
        this.index = index;
        this.admittedNanos = admittedNanos;
        this.codes = codes;
    }

    DrawnCodes drawn() {
        return codes;
    }

    /** The decoder has made it. */
    void finish(byte[] decoded, MessageDigest sha256) {
        ImageResult drawn = codes.result().orElseThrow();
        values = decoded;
        result = new ImageResult(
                sha256.digest(decoded),
                drawn.logLikelihoodNats(),
                drawn.bitsPerDim(),
                drawn.queueMicros(),
                drawn.firstPixelMicros(),
                (System.nanoTime() - admittedNanos) / 1000);
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public int decided() {
        return values.length;
    }

    @Override
    public byte[] values(int from, int to) {
        byte[] decided = values;
        if (from < 0 || from > to || to > decided.length) {
            throw new IndexOutOfBoundsException("values " + from + " to " + to + " of " + decided.length);
        }
        return Arrays.copyOfRange(decided, from, to);
    }

    @Override
    public Optional<ImageResult> result() {
        return Optional.ofNullable(result);
    }

    @Override
    public Optional<CodeProgress> codes() {
        return Optional.of(codes);
    }
}
