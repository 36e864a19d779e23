package io.scanline.server.transport;

import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.ReadingPlan;
import io.scanline.server.engine.Reason;
import io.scanline.v1.Cadence;

/**
 * How one stream is to be sent.
 *
 * @param pace when values are sent
 * @param intervalMillis milliseconds between messages of an image, where the pace is timed; 1 to 60000
 */
record StreamPlan(Pace pace, int intervalMillis) implements ReadingPlan {
    private static final int DEFAULT_INTERVAL_MILLIS = 100;
    private static final int LONGEST_INTERVAL_MILLIS = 60_000;

    /** @throws EngineException ENUM_UNKNOWN, INTERVAL_OUT_OF_RANGE */
    static StreamPlan of(Cadence cadence) throws EngineException {
        Pace pace = Pace.of(cadence.getMode());
        if (pace == null) {
            throw EngineException.field(Reason.ENUM_UNKNOWN, "cadence.mode",
                    "cadence mode " + cadence.getModeValue() + " is not known to this server");
        }
        int interval = cadence.getIntervalMs();
        if (Integer.compareUnsigned(interval, LONGEST_INTERVAL_MILLIS) > 0) {
            throw EngineException.field(Reason.INTERVAL_OUT_OF_RANGE, "cadence.interval_ms",
                    "the interval is " + Integer.toUnsignedString(interval) + " ms; the longest is "
                            + LONGEST_INTERVAL_MILLIS + " ms");
        }
        return new StreamPlan(pace, interval == 0 ? DEFAULT_INTERVAL_MILLIS : interval);
    }
}
