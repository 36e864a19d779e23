package io.scanline.server.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.scanline.server.runtime.GraphException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One variant of a model that serves: its decode lane and its scorer. It shares no slot with another variant. */
final class VariantLane implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(VariantLane.class);

    private final VariantDecoding decoding;
    private final ModelMetrics metrics;
    private final DecodeLane lane;
    private final Scorer scorer;

    private VariantLane(
            VariantDecoding decoding, ModelInfo info, EngineConfig config, PromptLane prompts, MeterRegistry meters,
            OpenWork work) throws GraphException {
        this.decoding = decoding;
        this.scorer = new Scorer(decoding, Scorer.most(config), work);
        this.metrics = new ModelMetrics(meters, info.name(), info.version(), decoding.variant());
        this.lane = new DecodeLane(
                info, decoding.decoder(), decoding.times(), config.maxQueuedImages(), config.scheduling(), metrics,
                work, prompts);
        lane.guess(decoding.guessing());
        lane.start();
        log.info("The state of {}/{} in {} takes {} bytes a slot", info.name(), info.version(), decoding.variant(),
                decoding.slotBytes());
    }

    /**
     * Starts the threads.
     *
     * @param decoding owned from now on, also when this fails
     * @param prompts what reads texts; null: there are none. Closed by the caller after this
     */
    static VariantLane start(
            VariantDecoding decoding, ModelInfo info, EngineConfig config, PromptLane prompts, MeterRegistry meters,
            OpenWork work) throws GraphException {
        boolean started = false;
        try {
            VariantLane lane = new VariantLane(decoding, info, config, prompts, meters, work);
            started = true;
            return lane;
        } finally {
            if (!started) {
                decoding.close();
            }
        }
    }

    /** What draws values. */
    DecodeLane lane() {
        return lane;
    }

    /** What tells how likely given values are. */
    Scorer scorer() {
        return scorer;
    }

    void rejected(Reason reason) {
        metrics.rejected(reason);
    }

    @Override
    public void close() {
        lane.close();
        scorer.close();
        decoding.close();
        metrics.close();
    }
}
