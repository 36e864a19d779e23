package io.scanline.server.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.TextStepProgram;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model that puts images into words and serves: its checks, what makes pictures ready for it, and its lane. */
final class ServedCaptioner implements Serving {
    private static final Logger log = LoggerFactory.getLogger(ServedCaptioner.class);

    /** Steps timed at load at each batch size; the shortest counts, since noise only adds. */
    private static final int TIMED_STEPS = 4;

    private final ModelInfo info;
    private final LoadedCaptioner loaded;
    private final CaptionSlots slots;
    private final LookDesk desk;
    private final CaptionChecks checks;
    private final LookPreparation preparation;
    private final CaptionMetrics metrics;
    private final CaptionLane lane;

    private ServedCaptioner(
            LoadedCaptioner loaded, CaptionSlots slots, StepTimes times, EngineConfig config, LookDesk desk,
            MeterRegistry meters, OpenWork work) {
        this.info = ModelInfo.serving(loaded.bundle(), loaded.verified().digest(), config.slots());
        this.loaded = loaded;
        this.slots = slots;
        this.desk = desk;
        this.checks = new CaptionChecks(loaded.bundle(), desk.config());
        this.preparation = new LookPreparation(loaded.bundle(), desk.pictures(), Optional.empty());
        this.metrics = new CaptionMetrics(meters, info.name(), info.version());
        this.lane = new CaptionLane(
                info, slots, loaded::newText, times, config.maxQueuedImages(), config.scheduling(), metrics, work);
        lane.start();
        log.info("The state of {}/{} takes {} bytes a slot", info.name(), info.version(), slots.slotBytes());
    }

    /** Takes the memory of all slots, times a few steps and starts the thread. Owns the model, also when it fails. */
    static ServedCaptioner start(
            LoadedCaptioner loaded, EngineConfig config, LookDesk desk, MeterRegistry meters, OpenWork work)
            throws EngineException {
        CaptionSlots slots = null;
        boolean started = false;
        try {
            StepTimes times = time(loaded, config.slots());
            slots = loaded.newSlots(config.slots());
            ServedCaptioner model = new ServedCaptioner(loaded, slots, times, config, desk, meters, work);
            started = true;
            return model;
        } finally {
            if (!started) {
                if (slots != null) {
                    slots.close();
                }
                loaded.close();
            }
        }
    }

    /** Times steps with one slot and with all of them, just behind images that are all zeros. */
    private static StepTimes time(LoadedCaptioner loaded, int slots) throws EngineException {
        try (TextStepProgram program = loaded.newStep(slots)) {
            Arrays.fill(program.position(), loaded.bundle().getCaptioning().getPrefix());
            Arrays.fill(program.token(), loaded.bundle().getCaptioning().getBegin());
            return new StepTimes(slots, time(program, 1), time(program, slots));
        } catch (GraphException failed) {
            throw EngineException.caused(
                    Reason.BUNDLE_GRAPH_INVALID, "the step graph does not run: " + failed.getMessage(), failed);
        } catch (OutOfMemoryError tooLarge) {
            throw LoadedModel.tooLarge(tooLarge);
        }
    }

    private static long time(TextStepProgram program, int batch) throws GraphException {
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < TIMED_STEPS; i++) {
            long begun = System.nanoTime();
            program.run(batch);
            shortest = Math.min(shortest, System.nanoTime() - begun);
        }
        return shortest;
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
        throw counted(EngineException.of(
                Reason.GENERATION_NOT_SUPPORTED, "the model puts images into words and makes none"));
    }

    @Override
    public CompletableFuture<List<ImageScore>> score(ScoreRequest request) throws EngineException {
        throw counted(EngineException.of(Reason.SCORE_NOT_SUPPORTED, "the model defines no likelihood of images"));
    }

    @Override
    public Caption caption(CaptionRequest request, ProgressListener listener) throws EngineException {
        try {
            CaptionTask caption = lane.submit(checks.check(request), listener);
            prepare(caption, request.image());
            return caption;
        } catch (EngineException refused) {
            throw counted(refused);
        }
    }

    /** Pictures take long to decode and are left to others; values are ready at once. */
    private void prepare(CaptionTask caption, EmbedInput image) {
        if (image instanceof EmbedInput.Values values) {
            lane.ready(caption, values.values());
            return;
        }
        try {
            desk.decoders().execute(() -> decode(caption, image));
        } catch (RejectedExecutionException closed) {
            lane.end(caption, EngineException.caused(Reason.SHUTTING_DOWN, "the server is shutting down", closed));
        }
    }

    private void decode(CaptionTask caption, EmbedInput image) {
        if (caption.over()) {
            return;
        }
        try {
            Shown.Image shown = (Shown.Image) preparation.shown(image);
            lane.ready(caption, shown.levels());
        } catch (EngineException refused) {
            lane.end(caption, counted(EngineException.field(
                    refused.reason(), "picture", "picture: " + refused.getMessage())));
        } catch (RuntimeException | Error failure) {
            log.error("A picture could not be prepared", failure);
            lane.end(caption, EngineException.caused(Reason.INTERNAL, "the picture could not be prepared", failure));
        }
    }

    @Override
    public void close() {
        lane.close();
        slots.close();
        loaded.close();
        metrics.close();
    }
}
