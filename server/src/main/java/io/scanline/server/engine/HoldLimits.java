package io.scanline.server.engine;

/**
 * How much of generations may be kept without a reader, and for how long.
 *
 * @param maxHeldBytes bytes of all generations that are to be held, from their admission on; see {@link
 *     Generations#bytes}
 * @param maxHoldMillis longest time that one may ask for, 1 or more
 * @param maxPauseMillis longest time that a generation may be paused, all its pauses together, 1 or more
 */
public record HoldLimits(long maxHeldBytes, long maxHoldMillis, long maxPauseMillis) {
    /** 64 MiB, ten minutes, one minute. */
    public static final HoldLimits DEFAULT = new HoldLimits(64L << 20, 600_000, 60_000);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException when a value is out of its range
     */
    public HoldLimits {
        if (maxHeldBytes < 0 || maxHoldMillis < 1 || maxPauseMillis < 1) {
            throw new IllegalArgumentException(
                    "maxHeldBytes must be 0 or more, maxHoldMillis and maxPauseMillis 1 or more");
        }
    }
}
