package io.scanline.server.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Stage;
import io.scanline.server.engine.PipelineDescription.Part;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A pipeline that serves: a prior over codes, and perhaps a model that ranks what it draws. Both serve by themselves as
 * well, and what the pipeline asks of them goes through the same lanes. What its prior can do besides, it can.
 */
final class ServedPipeline implements Serving, RankedGeneration.Owner {
    private final ModelInfo info;
    private final ServedPrior prior;
    private final Optional<ImageRanker> ranker;
    private final PipelineMetrics metrics;
    private final OpenWork work;

    private ServedPipeline(
            ModelInfo info, ServedPrior prior, Optional<ImageRanker> ranker, MeterRegistry meters, OpenWork work) {
        this.info = info;
        this.prior = prior;
        this.ranker = ranker;
        this.work = work;
        this.metrics = new PipelineMetrics(
                meters, info.name(), info.version(), stages().stream().map(Stage::getName).toList());
    }

    /** Finds models that were loaded before. */
    interface Models {
        /** @throws EngineException BUNDLE_STAGE_MISSING */
        Serving serving(Part part) throws EngineException;
    }

    /**
     * Joins models that serve.
     *
     * @throws EngineException BUNDLE_STAGE_MISSING, BUNDLE_STAGE_MISMATCH
     */
    static ServedPipeline start(VerifiedBundle verified, Models models, MeterRegistry meters, OpenWork work)
            throws EngineException {
        Bundle bundle = verified.bundle();
        Serving drawing = serving(PipelineDescription.prior(bundle), models);
        Optional<Part> part = PipelineDescription.ranker(bundle);
        Optional<Serving> looking = part.isPresent() ? Optional.of(serving(part.get(), models)) : Optional.empty();
        Bundle drawn = description(drawing);
        Optional<Bundle> looked = looking.map(ServedPipeline::description);
        PipelineDescription.checkFit(bundle, drawn, looked);
        ModelInfo info = ModelInfo.serving(
                        PipelineDescription.served(bundle, drawn, looked), verified.digest(), drawing.info().slots())
                .preferring(drawing.info().precisions());
        // Of the kinds that their descriptions say.
        return new ServedPipeline(
                info,
                (ServedPrior) drawing,
                looking.map(look -> new ImageRanker((ServedLookModel) look, bundle.getGeometry())),
                meters,
                work);
    }

    private static Serving serving(Part part, Models models) throws EngineException {
        Serving serving = models.serving(part);
        PipelineDescription.checkDigest(part, serving.info().digest());
        return serving;
    }

    private static Bundle description(Serving serving) {
        return serving.info().bundle().orElseThrow();
    }

    private List<Stage> stages() {
        return info.bundle().orElseThrow().getPipeline().getStagesList();
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

    /** All lanes admit it, or none does: room for the ranking comes first, and is given back if the prior refuses. */
    @Override
    public Generation generate(GenerationRequest request, ProgressListener listener) throws EngineException {
        return counted(() -> {
            CheckedRequest checked = prior.check(request);
            work.begin();
            Ranking ranking = null;
            boolean admitted = false;
            try {
                ranking = ranking(request.prompt().text().orElse(""), checked.count());
                RankedGeneration generation = new RankedGeneration(this, ranking, listener);
                generation.begin(prior.generate(checked, ranking.nanosAfter(), generation::progressed));
                admitted = true;
                return generation;
            } finally {
                if (!admitted) {
                    giveUp(ranking);
                }
            }
        });
    }

    private Ranking ranking(String prompt, int images) throws EngineException {
        return ranker.isPresent() ? ranker.get().admit(prompt, images) : Ranking.none(images);
    }

    private void giveUp(Ranking ranking) {
        if (ranking != null) {
            ranking.end(EngineException.of(Reason.CANCELLED, "the request was not admitted"));
        }
        work.end();
    }

    @Override
    public void ended(RankedGeneration generation) {
        if (generation.failure().isEmpty()) {
            generation.stages().forEach(metrics::took);
        }
        work.end();
    }

    @Override
    public List<StageTime> times(PriorTask drawn, Ranking ranking) {
        return stages().stream().map(stage -> clock(stage.getRole(), drawn, ranking).time(stage.getName())).toList();
    }

    private static StageClock clock(String role, PriorTask drawn, Ranking ranking) {
        return switch (role) {
            case PromptDescription.TEXT_CONDITION -> drawn.reading();
            case BundleDescription.STEP_ROLE -> drawn.steps();
            case LatentDescription.DECODER -> drawn.decoding();
            case PipelineDescription.TEXT_ENCODER -> ranking.texts();
            case PipelineDescription.IMAGE_ENCODER -> ranking.images();
            default -> throw new IllegalStateException("the description was not checked");
        };
    }

    @Override
    public CompletableFuture<List<ImageScore>> score(ScoreRequest request) throws EngineException {
        return prior.score(request);
    }

    @Override
    public CompletableFuture<List<Latent>> encode(EncodeRequest request) throws EngineException {
        return prior.encode(request);
    }

    @Override
    public CompletableFuture<List<byte[]>> decode(DecodeRequest request) throws EngineException {
        return prior.decode(request);
    }

    @Override
    public Interpolation interpolate(InterpolationRequest request, ProgressListener listener) throws EngineException {
        return prior.interpolate(request, listener);
    }

    /** Its models are closed by whoever started them. */
    @Override
    public void close() {
        metrics.close();
    }
}
