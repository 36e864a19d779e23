package io.scanline.server.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepProgram;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One model that serves: its checks, its decode lane and its scorer. */
final class ServedModel implements Serving {
    private static final Logger log = LoggerFactory.getLogger(ServedModel.class);

    /** Steps timed at load at each place and batch size; the shortest counts, since noise only adds. */
    private static final int TIMED_STEPS = 4;

    private final ModelInfo info;
    private final LoadedModel loaded;
    private final LoadedModel.OwnedProgram decoder;
    private final RequestChecks checks;
    private final ModelMetrics metrics;
    private final DecodeLane lane;
    private final PromptLane prompts; // null: it reads no texts
    private final Guessing guessing; // null: none
    private final Scorer scorer;

    private ServedModel(
            LoadedModel loaded,
            LoadedModel.OwnedProgram decoder,
            EngineConfig config,
            int maxTextCharacters,
            MeterRegistry meters,
            OpenWork work)
            throws GraphException {
        this.loaded = loaded;
        this.decoder = decoder;
        this.info = ModelInfo.serving(loaded.bundle(), loaded.digest(), config.slots());
        this.checks = new RequestChecks(loaded.bundle(), config, promptChecks(loaded, config, maxTextCharacters));
        StepTimes times = time(decoder.program(), config.slots(), loaded.grid());
        this.guessing = loaded.guesses(config.guess())
                ? new Guessing(loaded, decoder.state(), config.slots(), times)
                : null;
        long atHand = Math.min(Integer.MAX_VALUE, (long) config.slots() + config.maxQueuedImages());
        this.scorer = new Scorer(loaded, (int) atHand, work);
        this.prompts = loaded.prompts().isEmpty()
                ? null
                : new PromptLane(loaded.prompts().get(), info.name() + "-" + info.version());
        this.metrics = new ModelMetrics(meters, info.name(), info.version());
        this.lane = new DecodeLane(
                info, loaded.feed(), decoder.program(), times, config.maxQueuedImages(), config.scheduling(), metrics,
                work, prompts);
        lane.guess(guessing);
        lane.start();
        log.info("The state of {}/{} takes {} bytes a slot", info.name(), info.version(), decoder.state().slotBytes());
    }

    private static PromptChecks promptChecks(LoadedModel loaded, EngineConfig config, int maxTextCharacters) {
        return loaded.prompts()
                .map(prompts -> new PromptChecks(
                        prompts.reader(), PromptDescription.recommendedGuidance(loaded.bundle()), maxTextCharacters,
                        config.slots()))
                .orElse(PromptChecks.READS_NONE);
    }

    /**
     * Takes the memory of all slots, times a few steps and starts the threads. Owns the model only when it succeeds.
     *
     * @param maxTextCharacters characters of a prompt
     */
    static ServedModel start(
            LoadedModel loaded, EngineConfig config, int maxTextCharacters, MeterRegistry meters, OpenWork work)
            throws EngineException {
        LoadedModel.OwnedProgram decoder = null;
        try {
            decoder = loaded.newDecoder(config.slots() + 1); // one to move images with
            return new ServedModel(loaded, decoder, config, maxTextCharacters, meters, work);
        } catch (GraphException | OutOfMemoryError failed) {
            if (decoder != null) {
                decoder.close();
            }
            throw failed instanceof OutOfMemoryError tooLarge
                    ? LoadedModel.tooLarge(tooLarge)
                    : EngineException.caused(
                            Reason.BUNDLE_GRAPH_INVALID, "the step graph does not run: " + failed.getMessage(), failed);
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

    /** What checks its requests. */
    RequestChecks checks() {
        return checks;
    }

    /** What draws its values. */
    DecodeLane lane() {
        return lane;
    }

    /** What tells how likely given values are. */
    Scorer scorer() {
        return scorer;
    }

    @Override
    public ModelInfo info() {
        return info;
    }

    @Override
    public EngineException counted(EngineException refusal) {
        metrics.rejected(refusal.reason());
        return refusal;
    }

    @Override
    public Generation generate(GenerationRequest request, ProgressListener listener) throws EngineException {
        try {
            return lane.submit(checks.check(request), listener);
        } catch (EngineException refused) {
            throw counted(refused);
        }
    }

    @Override
    public CompletableFuture<List<ImageScore>> score(ScoreRequest request) throws EngineException {
        try {
            int label = checks.check(request);
            Optional<CheckedPrompt> prompt = checks.prompt(request);
            return scorer.submit(label, prompt, request.images(), request.deadlineNanos());
        } catch (EngineException refused) {
            throw counted(refused);
        }
    }

    @Override
    public void close() {
        lane.close();
        scorer.close();
        if (prompts != null) {
            prompts.close();
        }
        if (guessing != null) {
            guessing.close();
        }
        decoder.close();
        loaded.close();
        metrics.close();
    }
}
