package io.scanline.server.engine;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model that puts images into words and serves: its checks, what makes pictures ready for it, and its lane. */
final class ServedCaptioner extends OneLaneModel {
    private static final Logger log = LoggerFactory.getLogger(ServedCaptioner.class);

    private final LookDesk desk;
    private final CaptionChecks checks;
    private final LookPreparation preparation;
    private final CaptionLane lane;

    private ServedCaptioner(
            LoadedCaptioner loaded, CaptionSlots slots, CaptionLane lane, CaptionMetrics metrics, LookDesk desk) {
        super(lane.model(), metrics, lane, slots, loaded);
        this.desk = desk;
        this.checks = new CaptionChecks(loaded.bundle(), desk.config());
        this.preparation = new LookPreparation(loaded.bundle(), desk.pictures(), Optional.empty());
        this.lane = lane;
        lane.start();
    }

    /** Takes the memory of all slots, times a few steps and starts the thread. Owns the model, also when it fails. */
    static ServedCaptioner start(
            LoadedCaptioner loaded, EngineConfig config, LookDesk desk, MeterRegistry meters, OpenWork work)
            throws EngineException {
        return start(loaded, () -> loaded.newSlots(config.slots()), slots -> {
            StepTimes times = slots.times();
            ModelInfo info = ModelInfo.serving(loaded.bundle(), loaded.verified().digest(), config.slots());
            log.info("The state of {}/{} takes {} bytes a slot", info.name(), info.version(), slots.slotBytes());
            CaptionMetrics metrics = new CaptionMetrics(meters, info.name(), info.version());
            CaptionLane lane = new CaptionLane(
                    info, slots, loaded::newText, times, config.maxQueuedImages(), config.scheduling(),
                    metrics, work);
            return new ServedCaptioner(loaded, slots, lane, metrics, desk);
        });
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
        return counted(() -> {
            CaptionTask caption = lane.submit(checks.check(request), listener);
            prepare(caption, request.image());
            return caption;
        });
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
}
