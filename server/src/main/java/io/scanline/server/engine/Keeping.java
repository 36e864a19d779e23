package io.scanline.server.engine;

/**
 * What becomes of a generation whose stream breaks.
 *
 * @param held it goes on to its end and is kept; else it stops
 * @param millis how long it is kept after its stream broke, as asked for: an unsigned number, 0 being the default
 */
public record Keeping(boolean held, int millis) {
    /** It stops. */
    public static final Keeping NONE = new Keeping(false, 0);
    /** Milliseconds unless a request says otherwise. */
    static final int DEFAULT_MILLIS = 60_000;

    /**
     * Milliseconds that it is kept.
     *
     * @throws EngineException FIELD_CONFLICT, HOLD_OUT_OF_RANGE
     */
    long checkedMillis(HoldLimits limits) throws EngineException {
        if (!held && millis != 0) {
            throw EngineException.field(
                    Reason.FIELD_CONFLICT,
                    "hold_ms",
                    "hold_ms is for generations that are held; say so in on_disconnect or leave it out");
        }
        long asked = Integer.toUnsignedLong(millis);
        if (asked > limits.maxHoldMillis()) {
            throw EngineException.field(
                    Reason.HOLD_OUT_OF_RANGE,
                    "hold_ms",
                    "hold_ms is " + asked + "; the longest is " + limits.maxHoldMillis());
        }
        return asked == 0 ? Math.min(DEFAULT_MILLIS, limits.maxHoldMillis()) : asked;
    }
}
