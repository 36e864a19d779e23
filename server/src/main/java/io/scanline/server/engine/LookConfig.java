package io.scanline.server.engine;

/**
 * How models that look at images and texts are set up; one configuration holds for all of them.
 *
 * @param maxPictureBytes bytes of a picture file, 1 or more
 * @param maxPicturePixels pixels of a picture by its header, 1 to 2^30; each takes up to 12 bytes while it is read
 * @param maxTextCharacters characters (Unicode code points) of a text, 1 or more
 * @param maxInputs inputs of one request, 1 or more
 * @param maxCandidates candidates of one request, and class names, 1 or more
 * @param maxPending inputs of one model that may be at hand, 1 or more
 * @param cacheBytes memory for answers that are kept; 0: none are
 */
public record LookConfig(
        int maxPictureBytes, int maxPicturePixels, int maxTextCharacters, int maxInputs, int maxCandidates,
        int maxPending, long cacheBytes) {
    /** Templates of one request. */
    static final int MAX_TEMPLATES = 16;

    private static final int MOST_PIXELS = 1 << 30;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException when a value is out of its range
     */
    public LookConfig {
        require(maxPictureBytes >= 1, "maxPictureBytes must be 1 or more");
        require(
                maxPicturePixels >= 1 && maxPicturePixels <= MOST_PIXELS,
                "maxPicturePixels must be 1 to " + MOST_PIXELS);
        require(maxTextCharacters >= 1, "maxTextCharacters must be 1 or more");
        require(maxInputs >= 1, "maxInputs must be 1 or more");
        require(maxCandidates >= 1, "maxCandidates must be 1 or more");
        require(maxPending >= 1, "maxPending must be 1 or more");
        require(cacheBytes >= 0, "cacheBytes must be 0 or more");
    }

    /** 4 MiB and 16 million pixels a picture, 10,000 characters a text, 64 inputs, 256 candidates, 8192 at hand. */
    public static LookConfig defaults() {
        return new LookConfig(4 << 20, 16_000_000, 10_000, 64, 256, 8192, 64L << 20);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
