package io.scanline.server.engine;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.EnumMap;
import java.util.Map;

/** Counts refused requests by reason. */
final class Rejections implements AutoCloseable {
    private final MeterRegistry registry;
    private final Tags tags;
    private final Map<Reason, Counter> counters = new EnumMap<>(Reason.class); // guarded by this

    /** @param tags which model; empty values for requests that name none that serves */
    Rejections(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
    }

    synchronized void count(Reason reason) {
        counters.computeIfAbsent(reason, this::counter).increment();
    }

    private Counter counter(Reason reason) {
        return Counter.builder("scanline.rejected")
                .description("Requests that were refused")
                .tags(tags.and("reason", reason.name()))
                .register(registry);
    }

    @Override
    public synchronized void close() {
        counters.values().forEach(registry::remove);
    }
}
