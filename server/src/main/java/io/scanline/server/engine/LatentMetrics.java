package io.scanline.server.engine;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.scanline.server.engine.OneShotTask.Stage;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/** Measurements of the one-shot lane of one model. */
final class LatentMetrics extends Measurements {
    private static final double[] BATCHES = {1, 2, 4, 8};
    private static final Duration[] TIMES =
            IntStream.range(0, 12).mapToObj(power -> Duration.ofNanos(125_000L << power)).toArray(Duration[]::new);

    private final Map<Stage, DistributionSummary> batches = new EnumMap<>(Stage.class);
    private final Map<Stage, Timer> runs = new EnumMap<>(Stage.class);

    LatentMetrics(MeterRegistry registry, String model, String version) {
        this(registry, model, version, List.of(Stage.ENCODE, Stage.DECODE));
    }

    LatentMetrics(MeterRegistry registry, String model, String version, Collection<Stage> stages) {
        super(registry, model, version);
        for (Stage stage : stages) {
            Tags graph = named().and("graph", stage.role());
            batches.put(stage, keep(DistributionSummary.builder("scanline.oneshot.batch.size")
                    .description("Images that one run works on")
                    .serviceLevelObjectives(BATCHES)
                    .tags(graph)
                    .register(registry)));
            runs.put(stage, keep(Timer.builder("scanline.oneshot.run")
                    .description("One run of a graph, whatever the batch, likelihoods included")
                    .serviceLevelObjectives(TIMES)
                    .tags(graph)
                    .register(registry)));
        }
    }

    /** Shows how many images are at hand. */
    void watch(IntSupplier queueDepth) {
        keep(Gauge.builder("scanline.oneshot.queue.depth", queueDepth::getAsInt)
                .description("Images at hand")
                .tags(named())
                .register(registry()));
    }

    void run(Stage stage, int batch, long nanos) {
        batches.get(stage).record(batch);
        runs.get(stage).record(nanos, TimeUnit.NANOSECONDS);
    }
}
