package io.scanline.server.engine;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** Measurements of a lane that takes steps for many requests at once. */
abstract class LaneMetrics extends Measurements {
    static final Duration[] SHORT = millis(0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 1024);
    static final Duration[] LONG = millis(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384, 65536);
    private static final double[] BATCHES = {1, 2, 4, 8, 16, 32, 64};

    private final String precision;
    private final Tags tags;
    private final DistributionSummary batchSize;
    private final Timer step;
    private final Timer cancelToSlotFree;

    /** @param precision variant of the steps */
    LaneMetrics(MeterRegistry registry, String model, String version, String precision) {
        super(registry, model, version);
        this.precision = precision;
        this.tags = named().and("precision", precision);
        batchSize = keep(DistributionSummary.builder("scanline.batch.size")
                .description("Slots that one step works on: an image takes one, or two if a text guides it; a caption"
                        + " one")
                .serviceLevelObjectives(BATCHES)
                .tags(tags)
                .register(registry()));
        step = timer("scanline.step", "One step of the model, whatever the batch", SHORT);
        cancelToSlotFree =
                timer("scanline.cancel.to.slot.free", "From a cancellation, or a deadline, to the free slot", SHORT);
    }

    /** Shows how many requests wait and how many slots are taken. */
    void watch(IntSupplier queueDepth, IntSupplier activeSlots) {
        keep(Gauge.builder("scanline.queue.depth", () -> queueDepth.getAsInt())
                .description("Images or captions that wait for a slot")
                .tags(tags)
                .register(registry()));
        keep(Gauge.builder("scanline.slots.active", () -> activeSlots.getAsInt())
                .description("Slots that are taken: an image takes one, or two if a text guides it; a caption one")
                .tags(tags)
                .register(registry()));
    }

    void step(int batch, long nanos) {
        batchSize.record(batch);
        step.record(nanos, TimeUnit.NANOSECONDS);
    }

    void cancelToSlotFree(long nanos) {
        cancelToSlotFree.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Variant of the steps. */
    final String precision() {
        return precision;
    }

    /** Which model it is, and in which arithmetic its steps are taken. */
    Tags tags() {
        return tags;
    }

    final Timer timer(String name, String description, Duration[] buckets) {
        return keep(Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(buckets)
                .tags(tags)
                .register(registry()));
    }

    private static Duration[] millis(double... buckets) {
        Duration[] durations = new Duration[buckets.length];
        for (int i = 0; i < buckets.length; i++) {
            durations[i] = Duration.ofNanos((long) (buckets[i] * 1_000_000));
        }
        return durations;
    }
}
