package io.scanline.server.transport;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Reason;

/** Counts what the transport refuses before the engine is asked, beside what the engine counts itself. */
final class Refusals {
    private final MeterRegistry registry;

    Refusals(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Counts a refusal and hands it back. Under no model: the request was refused unread. */
    EngineException counted(EngineException refusal) {
        count(refusal.reason());
        return refusal;
    }

    private void count(Reason reason) {
        Counter.builder("scanline.rejected")
                .description("Requests that were refused")
                .tags("model", "", "version", "", "reason", reason.name())
                .register(registry)
                .increment();
    }
}
