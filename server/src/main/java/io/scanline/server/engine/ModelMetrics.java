package io.scanline.server.engine;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** Measurements of one variant of a model that draws. */
final class ModelMetrics extends LaneMetrics {
    private final Timer firstPixel;
    private final Timer pixelGap;
    private final Counter pixels;

    /** Of steps in "fp32". */
    ModelMetrics(MeterRegistry registry, String model, String version) {
        this(registry, model, version, VariantDescription.FP32);
    }

    ModelMetrics(MeterRegistry registry, String model, String version, String precision) {
        super(registry, model, version, precision);
        firstPixel = timer("scanline.first.pixel", "From admission to the first drawn value of an image", LONG);
        pixelGap = timer("scanline.pixel.gap", "Between two drawn values of an image", SHORT);
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

    void pixels(int drawn) {
        pixels.increment(drawn);
    }
}
