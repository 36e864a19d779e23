package io.scanline.server.engine;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** Measurements of the generations that are kept without a reader. */
final class HoldMetrics implements AutoCloseable {
    private final MeterRegistry registry;
    private final Counter resumes;
    private final Counter expired;
    private final List<Meter> meters;

    HoldMetrics(MeterRegistry registry, IntSupplier held, LongSupplier bytes) {
        this.registry = registry;
        resumes = Counter.builder("scanline.resumes")
                .description("Times that a reader went on with a generation")
                .register(registry);
        expired = Counter.builder("scanline.held.expired")
                .description("Generations that were given up because nobody came back in time")
                .register(registry);
        Gauge generations = Gauge.builder("scanline.held.generations", () -> held.getAsInt())
                .description("Generations that nobody reads")
                .register(registry);
        Gauge memory = Gauge.builder("scanline.held.bytes", () -> bytes.getAsLong())
                .description("Memory set aside for generations that may be held")
                .baseUnit("bytes")
                .register(registry);
        meters = List.of(resumes, expired, generations, memory);
    }

    void resumed() {
        resumes.increment();
    }

    void expired() {
        expired.increment();
    }

    /** Takes the measurements out of the registry. */
    @Override
    public void close() {
        meters.forEach(registry::remove);
    }
}
