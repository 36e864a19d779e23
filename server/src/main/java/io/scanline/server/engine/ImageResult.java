package io.scanline.server.engine;

/**
 * One image that has ended.
 *
 * @param finishReason why
 * @param sha256 digest over all values, one byte each in generation order, 32 bytes; empty when some were not decided
 * @param logLikelihoodNats of the drawn values under the model itself (temperature 1, no truncation), in nats; 0 when
 *     {@link ModelInfo#drawn()} says that none is known
 * @param bitsPerDim -logLikelihoodNats / (ln 2 * drawn values); 0 when none was drawn
 * @param queueMicros from admission to the first step
 * @param firstPixelMicros from admission to the first drawn value
 * @param totalMicros from admission to the last value
 */
public record ImageResult(
        FinishReason finishReason,
        byte[] sha256,
        double logLikelihoodNats,
        double bitsPerDim,
        long queueMicros,
        long firstPixelMicros,
        long totalMicros) {
    private static final byte[] NO_DIGEST = {};

    /** Of a complete image. */
    public ImageResult(
            byte[] sha256, double logLikelihoodNats, double bitsPerDim, long queueMicros, long firstPixelMicros,
            long totalMicros) {
        this(FinishReason.COMPLETE, sha256, logLikelihoodNats, bitsPerDim, queueMicros, firstPixelMicros, totalMicros);
    }

    /** Of an image that was given up before all of it was made. */
    static ImageResult givenUp(
            FinishReason why, double logLikelihoodNats, double bitsPerDim, long queueMicros, long firstPixelMicros,
            long totalMicros) {
        return new ImageResult(
                why, NO_DIGEST, logLikelihoodNats, bitsPerDim, queueMicros, firstPixelMicros, totalMicros);
    }

    /** The same for another reason. */
    ImageResult as(FinishReason reason) {
        return new ImageResult(
                reason, sha256, logLikelihoodNats, bitsPerDim, queueMicros, firstPixelMicros, totalMicros);
    }
}
