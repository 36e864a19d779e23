package io.scanline.server.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepProgram;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One variant of a model that serves: its decode lane and its scorer. It shares no slot with another variant. */
final class VariantLane implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(VariantLane.class);

    /** Steps timed at load at each place and batch size; the shortest counts, since noise only adds. */
    private static final int TIMED_STEPS = 4;

    private final LoadedModel.OwnedProgram decoder;
    private final ModelMetrics metrics;
    private final DecodeLane lane;
    private final Guessing guessing; // null: none
    private final Scorer scorer;

    private VariantLane(
            LoadedModel loaded, LoadedModel.OwnedProgram decoder, ModelInfo info, EngineConfig config,
            PromptLane prompts, MeterRegistry meters, OpenWork work) throws GraphException {
        this.decoder = decoder;
        StepTimes times = time(decoder.program(), config.slots(), loaded.grid());
        this.guessing = loaded.guesses(config.guess())
                ? new Guessing(loaded, decoder.state(), config.slots(), times)
                : null;
        long atHand = Math.min(Integer.MAX_VALUE, (long) config.slots() + config.maxQueuedImages());
        this.scorer = new Scorer(loaded, (int) atHand, work);
        this.metrics = new ModelMetrics(meters, info.name(), info.version(), loaded.variant());
        this.lane = new DecodeLane(
                info, loaded.feed(), decoder.program(), times, config.maxQueuedImages(), config.scheduling(), metrics,
                work, prompts);
        lane.guess(guessing);
        lane.start();
        log.info("The state of {}/{} in {} takes {} bytes a slot", info.name(), info.version(), loaded.variant(),
                decoder.state().slotBytes());
    }

    /**
     * Takes the memory of all slots, times a few steps and starts the threads.
     *
     * @param loaded closed by the caller after this
     * @param prompts what reads texts; null: there are none. Closed by the caller after this
     */
    static VariantLane start(
            LoadedModel loaded, ModelInfo info, EngineConfig config, PromptLane prompts, MeterRegistry meters,
            OpenWork work) throws GraphException {
        LoadedModel.OwnedProgram decoder = loaded.newDecoder(config.slots() + 1); // one to move images with
        boolean started = false;
        try {
            VariantLane lane = new VariantLane(loaded, decoder, info, config, prompts, meters, work);
            started = true;
            return lane;
        } finally {
            if (!started) {
                decoder.close();
            }
        }
    }

    /**
     * Times steps in the middle of an image. The state before it is all zeros, which takes as long as any other. The
     * first step of a row counts for its share of a row, since a row graph may be run before it.
     */
    private static StepTimes time(StepProgram program, int slots, ValueGrid grid) throws GraphException {
        int row = grid.rowLength();
        int first = grid.height() / 2 * row;
        return new StepTimes(slots, time(program, 1, first, row), time(program, slots, first, row));
    }

    private static long time(StepProgram program, int batch, int first, int row) throws GraphException {
        long beginning = time(program, batch, first);
        return row == 1 ? beginning : (beginning + (row - 1) * time(program, batch, first + 1)) / row;
    }

    private static long time(StepProgram program, int batch, int position) throws GraphException {
        Arrays.fill(program.cached(), position);
        Arrays.fill(program.position(), position);
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < TIMED_STEPS; i++) {
            long begun = System.nanoTime();
            program.run(batch);
            shortest = Math.min(shortest, System.nanoTime() - begun);
        }
        return shortest;
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
        if (guessing != null) {
            guessing.close();
        }
        decoder.close();
        metrics.close();
    }
}
