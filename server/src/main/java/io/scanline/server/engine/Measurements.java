package io.scanline.server.engine;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;

/** Measurements of one model, which leave the registry with it. Registered once, so that recording is no look-up. */
abstract class Measurements implements Releasable {
    private final MeterRegistry registry;
    private final Tags named;
    private final List<Meter> meters = new ArrayList<>();
    private final Rejections rejections;

    Measurements(MeterRegistry registry, String model, String version) {
        this.registry = registry;
        this.named = Tags.of("model", model, "version", version);
        this.rejections = new Rejections(registry, named);
    }

    final MeterRegistry registry() {
        return registry;
    }

    /** Which model it is. */
    final Tags named() {
        return named;
    }

    final <M extends Meter> M keep(M meter) {
        meters.add(meter);
        return meter;
    }

    final void rejected(Reason reason) {
        rejections.count(reason);
    }

    /** Takes the measurements out of the registry. */
    @Override
    public final void close() {
        meters.forEach(registry::remove);
        rejections.close();
    }
}
