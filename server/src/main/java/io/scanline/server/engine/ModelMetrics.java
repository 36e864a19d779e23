package io.scanline.server.engine;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** Measurements of one model. Everything is registered once, so that recording is an addition and no look-up. */
final class ModelMetrics implements AutoCloseable {
    private static final Duration[] SHORT = millis(0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 1024);
    private static final Duration[] LONG = millis(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384, 65536);
    private static final double[] BATCHES = {1, 2, 4, 8, 16, 32, 64};
    private static final double[] STEPS = {0.5, 1, 2, 4}; // none or one is what is to be

    private final MeterRegistry registry;
    private final Tags tags;
    private final List<Meter> meters = new ArrayList<>();
    private final DistributionSummary batchSize;
    private final Timer step;
    private final Timer firstPixel;
    private final Timer pixelGap;
    private final Timer cancelToSlotFree;
    private final DistributionSummary slotFreeSteps;
    private final Counter pixels;
    private final Rejections rejections;

    ModelMetrics(MeterRegistry registry, String model, String version) {
        this.registry = registry;
        this.tags = Tags.of("model", model, "version", version);
        this.rejections = new Rejections(registry, tags);
        batchSize = keep(DistributionSummary.builder("scanline.batch.size")
                .description("Slots that one step works on: an image takes one, or two if a text guides it")
                .serviceLevelObjectives(BATCHES)
                .tags(tags)
                .register(registry));
        step = timer("scanline.step", "One step of the model, whatever the batch", SHORT);
        firstPixel = timer("scanline.first.pixel", "From admission to the first drawn value of an image", LONG);
        pixelGap = timer("scanline.pixel.gap", "Between two drawn values of an image", SHORT);
        cancelToSlotFree =
                timer("scanline.cancel.to.slot.free", "From a cancellation, or a deadline, to the free slot", SHORT);
        slotFreeSteps = keep(DistributionSummary.builder("scanline.slot.free.steps")
                .description("Steps that ended between a cancellation and the free slot")
                .serviceLevelObjectives(STEPS)
                .tags(tags)
                .register(registry));
        pixels = keep(Counter.builder("scanline.pixels")
                .description("Values drawn")
                .tags(tags)
                .register(registry));
    }

    /** Shows how many images wait and how many slots are taken. */
    void watch(IntSupplier queueDepth, IntSupplier activeSlots) {
        keep(Gauge.builder("scanline.queue.depth", () -> queueDepth.getAsInt())
                .description("Images that wait for a slot")
                .tags(tags)
                .register(registry));
        keep(Gauge.builder("scanline.slots.active", () -> activeSlots.getAsInt())
                .description("Slots that are taken: an image takes one, or two if a text guides it")
                .tags(tags)
                .register(registry));
    }

    void step(int batch, long nanos) {
        batchSize.record(batch);
        step.record(nanos, TimeUnit.NANOSECONDS);
    }

    void firstPixel(long nanos) {
        firstPixel.record(nanos, TimeUnit.NANOSECONDS);
    }

    void pixelGap(long nanos) {
        pixelGap.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** @param steps that ended meanwhile */
    void cancelToSlotFree(long nanos, long steps) {
        cancelToSlotFree.record(nanos, TimeUnit.NANOSECONDS);
        slotFreeSteps.record(steps);
    }

    void pixels(int drawn) {
        pixels.increment(drawn);
    }

    void rejected(Reason reason) {
        rejections.count(reason);
    }

    /** Takes the measurements out of the registry. */
    @Override
    public void close() {
        meters.forEach(registry::remove);
        rejections.close();
    }

    private Timer timer(String name, String description, Duration[] buckets) {
        return keep(Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(buckets)
                .tags(tags)
                .register(registry));
    }

    private <M extends Meter> M keep(M meter) {
        meters.add(meter);
        return meter;
    }

    private static Duration[] millis(double... buckets) {
        Duration[] durations = new Duration[buckets.length];
        for (int i = 0; i < buckets.length; i++) {
            durations[i] = Duration.ofNanos((long) (buckets[i] * 1_000_000));
        }
        return durations;
    }
}
