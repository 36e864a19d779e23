package io.scanline.server.engine;

import java.security.MessageDigest;
import java.util.Optional;

/** One image of a prior: its codes, one by one, and then all of its values. */
final class PriorImage extends WholeImage {
    private final long admittedNanos;
    private final DrawnCodes codes;

    PriorImage(int index, long admittedNanos, DrawnCodes codes) {
        super(index);
        this.admittedNanos = admittedNanos;
        this.codes = codes;
    }

    DrawnCodes drawn() {
        return codes;
    }

    /** The decoder has made it. */
    void finish(byte[] decoded, MessageDigest sha256) {
        ImageResult drawn = codes.result().orElseThrow();
        finish(decoded, new ImageResult(
                sha256.digest(decoded),
                drawn.logLikelihoodNats(),
                drawn.bitsPerDim(),
                drawn.queueMicros(),
                drawn.firstPixelMicros(),
                (System.nanoTime() - admittedNanos) / 1000));
    }

    /** It will not be made of its codes, which are all that there are; false: it has ended. */
    boolean giveUpDecoding(ImageResult drawn) {
        return giveUp(ImageResult.givenUp(
                drawn.finishReason() == FinishReason.COMPLETE ? FinishReason.CANCELLED : drawn.finishReason(),
                drawn.logLikelihoodNats(),
                drawn.bitsPerDim(),
                drawn.queueMicros(),
                drawn.firstPixelMicros(),
                (System.nanoTime() - admittedNanos) / 1000));
    }

    @Override
    public Optional<CodeProgress> codes() {
        return Optional.of(codes);
    }
}
