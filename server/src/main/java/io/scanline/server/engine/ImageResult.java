package io.scanline.server.engine;

/**
 * One finished image.
 *
 * @param sha256 digest over all values, one byte each in generation order; 32 bytes, none of an image that is not
 *     complete
 * @param logLikelihoodNats of the drawn values under the model itself (temperature 1, no truncation), in nats; 0 when
 *     {@link ModelInfo#drawn()} says that none is known
 * @param bitsPerDim -logLikelihoodNats / (ln 2 * drawn values); 0 when none was drawn
 * @param queueMicros from admission to the first step
 * @param firstPixelMicros from admission to the first drawn value
 * @param totalMicros from admission to the last value
 * @param ending why it ended
 */
public record ImageResult(
        byte[] sha256,
        double logLikelihoodNats,
        double bitsPerDim,
        long queueMicros,
        long firstPixelMicros,
        long totalMicros,
        Ending ending) {
    private static final byte[] NO_DIGEST = {};

    /** Of a complete image. */
    public ImageResult(
            byte[] sha256, double logLikelihoodNats, double bitsPerDim, long queueMicros, long firstPixelMicros,
            long totalMicros) {
        this(sha256, logLikelihoodNats, bitsPerDim, queueMicros, firstPixelMicros, totalMicros, Ending.COMPLETE);
    }

    /** Of an image of which only a part was made. */
    static ImageResult cancelled(
            double logLikelihoodNats, double bitsPerDim, long queueMicros, long firstPixelMicros, long totalMicros) {
        return new ImageResult(NO_DIGEST, logLikelihoodNats, bitsPerDim, queueMicros, firstPixelMicros, totalMicros,
                Ending.CANCELLED);
    }
}
