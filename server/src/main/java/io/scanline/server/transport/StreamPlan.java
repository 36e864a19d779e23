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
 * @param percent share of an image between messages, where the pace goes by it; above 0, at most 100
 * @param previewSize longest side of a preview in pixels, 1 to 4096; 0: the image's own size
 */
record StreamPlan(Pace pace, int intervalMillis, float percent, int previewSize) implements ReadingPlan {
    private static final int DEFAULT_INTERVAL_MILLIS = 100;
    private static final int LONGEST_INTERVAL_MILLIS = 60_000;
    private static final float DEFAULT_PERCENT = 10;
    private static final int LARGEST_PREVIEW = 4096;

    /** @throws EngineException ENUM_UNKNOWN, INTERVAL_OUT_OF_RANGE, PERCENT_OUT_OF_RANGE, PREVIEW_SIZE_OUT_OF_RANGE */
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
        float percent = cadence.getPercent();
        if (!(percent >= 0 && percent <= 100)) { // also refuses NaN
            throw EngineException.field(Reason.PERCENT_OUT_OF_RANGE, "cadence.percent",
                    "cadence.percent is " + percent + "; it must be above 0 and at most 100");
        }
        int size = cadence.getPreviewSize();
        if (Integer.compareUnsigned(size, LARGEST_PREVIEW) > 0) {
            throw EngineException.field(Reason.PREVIEW_SIZE_OUT_OF_RANGE, "cadence.preview_size",
                    "cadence.preview_size is " + Integer.toUnsignedString(size) + "; the largest is "
                            + LARGEST_PREVIEW);
        }
        return new StreamPlan(
                pace,
                interval == 0 ? DEFAULT_INTERVAL_MILLIS : interval,
                percent == 0 ? DEFAULT_PERCENT : percent,
                size);
    }

    /** The same at another pace. */
    StreamPlan at(Pace other) {
        return new StreamPlan(other, intervalMillis, percent, previewSize);
    }
}
