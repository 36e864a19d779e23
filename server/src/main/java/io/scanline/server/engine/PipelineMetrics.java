package io.scanline.server.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Measurements of one pipeline. Registered once: there is a tag for every stage of its bundle, and no other. */
final class PipelineMetrics implements AutoCloseable {
    private static final Duration[] TIMES =
            IntStream.range(0, 16).mapToObj(power -> Duration.ofMillis(1L << power)).toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final Map<String, Timer> stages = new LinkedHashMap<>();
    private final Rejections rejections;

    PipelineMetrics(MeterRegistry registry, String model, String version, Collection<String> names) {
        this.registry = registry;
        Tags tags = Tags.of("model", model, "version", version);
        this.rejections = new Rejections(registry, tags);
        for (String name : names) {
            stages.put(name, Timer.builder("scanline.pipeline.stage")
                    .description("What the runs of a stage took that a finished request had part in")
                    .serviceLevelObjectives(TIMES)
                    .tags(tags.and("stage", name))
                    .register(registry));
        }
    }

    /** A request was finished. */
    void took(StageTime time) {
        stages.get(time.stage()).record(time.busyMicros(), TimeUnit.MICROSECONDS);
    }

    void rejected(Reason reason) {
        rejections.count(reason);
    }

    /** Takes the measurements out of the registry. */
    @Override
    public void close() {
        stages.values().forEach(registry::remove);
        rejections.close();
    }
}
