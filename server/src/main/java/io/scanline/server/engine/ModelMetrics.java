package io.scanline.server.engine;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** Measurements of one variant of a model that draws. */
final class ModelMetrics extends LaneMetrics {
    private static final double[] STEPS = {0.5, 1, 2, 4}; // none or one is what is to be

    private final Timer firstPixel;
    private final Timer pixelGap;
    private final DistributionSummary slotFreeSteps;
    private final Counter pixels;

    /** Of steps in "fp32". */
    ModelMetrics(MeterRegistry registry, String model, String version) {
        this(registry, model, version, VariantDescription.FP32);
    }

    ModelMetrics(MeterRegistry registry, String model, String version, String precision) {
        super(registry, model, version, precision);
        firstPixel = timer("scanline.first.pixel", "From admission to the first drawn value of an image", LONG);
        pixelGap = timer("scanline.pixel.gap", "Between two drawn values of an image", SHORT);
        slotFreeSteps = keep(DistributionSummary.builder("scanline.slot.free.steps")
                .description("Steps that ended between a cancellation and the free slot")
                .serviceLevelObjectives(STEPS)
                .tags(tags())
                .register(registry));
        pixels = keep(Counter.builder("scanline.pixels")
                .description("Values drawn")
                .tags(tags())
                .register(registry));
    }

    void firstPixel(long nanos) {
        firstPixel.record(nanos, TimeUnit.NANOSECONDS);
    }

    void pixelGap(long nanos) {
        pixelGap.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** @param steps that ended meanwhile */
    void cancelToSlotFree(long nanos, long steps) {
        cancelToSlotFree(nanos);
        slotFreeSteps.record(steps);
    }

    void pixels(int drawn) {
        pixels.increment(drawn);
    }
}
