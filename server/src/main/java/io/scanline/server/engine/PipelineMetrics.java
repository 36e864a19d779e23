package io.scanline.server.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Measurements of one pipeline: there is a tag for every stage of its bundle, and no other. */
final class PipelineMetrics extends Measurements {
    private static final Duration[] TIMES =
            IntStream.range(0, 16).mapToObj(power -> Duration.ofMillis(1L << power)).toArray(Duration[]::new);

    private final Map<String, Timer> stages = new LinkedHashMap<>();

    PipelineMetrics(MeterRegistry registry, String model, String version, Collection<String> names) {
        super(registry, model, version);
        for (String name : names) {
            stages.put(name, keep(Timer.builder("scanline.pipeline.stage")
                    .description("What the runs of a stage took that a finished request had part in")
                    .serviceLevelObjectives(TIMES)
                    .tags(named().and("stage", name))
                    .register(registry)));
        }
    }

    /** A request was finished. */
    void took(StageTime time) {
        stages.get(time.stage()).record(time.busyMicros(), TimeUnit.MICROSECONDS);
    }
}
