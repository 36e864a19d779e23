package io.scanline.server.engine;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.scanline.server.engine.OneShotTask.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/** Measurements of the one-shot lane of one model. Registered once, so that recording is no look-up. */
final class LatentMetrics implements AutoCloseable {
    private static final double[] BATCHES = {1, 2, 4, 8};
    private static final Duration[] TIMES =
            IntStream.range(0, 12).mapToObj(power -> Duration.ofNanos(125_000L << power)).toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final Tags tags;
    private final List<Meter> meters = new ArrayList<>();
    private final Map<Stage, DistributionSummary> batches = new EnumMap<>(Stage.class);
    private final Map<Stage, Timer> runs = new EnumMap<>(Stage.class);
    private final Rejections rejections;

    LatentMetrics(MeterRegistry registry, String model, String version) {
        this(registry, model, version, List.of(Stage.ENCODE, Stage.DECODE));
    }

    LatentMetrics(MeterRegistry registry, String model, String version, Collection<Stage> stages) {
        this.registry = registry;
        this.tags = Tags.of("model", model, "version", version);
        this.rejections = new Rejections(registry, tags);
        for (Stage stage : stages) {
            Tags graph = tags.and("graph", stage.role());
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
                .tags(tags)
                .register(registry));
    }

    void run(Stage stage, int batch, long nanos) {
        batches.get(stage).record(batch);
        runs.get(stage).record(nanos, TimeUnit.NANOSECONDS);
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

    private <M extends Meter> M keep(M meter) {
        meters.add(meter);
        return meter;
    }
}
