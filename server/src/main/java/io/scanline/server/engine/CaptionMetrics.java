package io.scanline.server.engine;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Measurements of one model that puts images into words. */
final class CaptionMetrics extends LaneMetrics {
    /** Outcomes of captions that did not fail: the model ended them, or they had as many tokens as were asked for. */
    static final String COMPLETE = "COMPLETE";

    static final String LENGTH = "LENGTH";

    private final Timer firstToken;
    private final Counter tokens;
    private final Map<String, Counter> captions = new HashMap<>(); // guarded by this

    CaptionMetrics(MeterRegistry registry, String model, String version) {
        super(registry, model, version, VariantDescription.FP32);
        firstToken = timer("scanline.caption.first.token", "From admission to the first token of a caption", LONG);
        tokens = keep(Counter.builder("scanline.caption.tokens")
                .description("Tokens of captions")
                .tags(tags())
                .register(registry));
    }

    void firstToken(long nanos) {
        firstToken.record(nanos, TimeUnit.NANOSECONDS);
    }

    void token() {
        tokens.increment();
    }

    /** @param outcome COMPLETE, LENGTH, or the reason of the failure */
    synchronized void ended(String outcome) {
        captions.computeIfAbsent(outcome, this::counter).increment();
    }

    private Counter counter(String outcome) {
        return keep(Counter.builder("scanline.captions")
                .description("Captions that ended, by outcome")
                .tags(tags().and("outcome", outcome))
                .register(registry()));
    }
}
