package io.scanline.server.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.scanline.server.runtime.GraphException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One model that serves: its checks, what reads its texts, and a lane for every precision of its steps. */
final class ServedModel implements Serving {
    private final ModelInfo info;
    private final LoadedVariants loaded;
    private final RequestChecks checks;
    private final PromptLane prompts; // null: it reads no texts
    private final Map<String, VariantLane> lanes = new LinkedHashMap<>(); // by precision

    private ServedModel(LoadedVariants loaded, EngineConfig config, int maxTextCharacters) throws GraphException {
        LoadedModel any = loaded.fp32();
        this.loaded = loaded;
        this.info = ModelInfo.serving(any.bundle(), any.digest(), config.slots())
                .preferring(config.precisions().order(any.bundle()));
        this.checks = new RequestChecks(any.bundle(), config, promptChecks(any, config, maxTextCharacters));
        this.prompts = any.prompts().isEmpty()
                ? null
                : new PromptLane(any.prompts().get(), info.name() + "-" + info.version());
    }

    private void open(EngineConfig config, MeterRegistry meters, OpenWork work) throws GraphException {
        for (LoadedModel variant : loaded.all()) {
            open(VariantDecoding.of(variant, config), config, meters, work);
        }
        if (loaded.chunks().isPresent()) {
            open(VariantDecoding.of(loaded.chunks().get(), config), config, meters, work);
        }
    }

    private void open(VariantDecoding decoding, EngineConfig config, MeterRegistry meters, OpenWork work)
            throws GraphException {
        lanes.put(decoding.variant(), VariantLane.start(decoding, info, config, prompts, meters, work));
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
            LoadedVariants loaded, EngineConfig config, int maxTextCharacters, MeterRegistry meters, OpenWork work)
            throws EngineException {
        ServedModel model = null;
        boolean started = false;
        try {
            model = new ServedModel(loaded, config, maxTextCharacters);
            model.open(config, meters, work);
            started = true;
            return model;
        } catch (GraphException failed) {
            throw EngineException.caused(
                    Reason.BUNDLE_GRAPH_INVALID, "the step graph does not run: " + failed.getMessage(), failed);
        } catch (OutOfMemoryError tooLarge) {
            throw LoadedModel.tooLarge(tooLarge);
        } finally {
            if (!started && model != null) {
                model.stop();
            }
        }
    }

    /** What checks its requests. */
    RequestChecks checks() {
        return checks;
    }

    /** What draws its values in a precision that was checked. */
    DecodeLane lane(String precision) {
        return lanes.get(precision).lane();
    }

    /** What tells how likely given values are, in a precision that was checked. */
    Scorer scorer(String precision) {
        return lanes.get(precision).scorer();
    }

    @Override
    public ModelInfo info() {
        return info;
    }

    @Override
    public EngineException counted(EngineException refusal) {
        lanes.get(info.precisions().get(0)).rejected(refusal.reason());
        return refusal;
    }

    @Override
    public Generation generate(GenerationRequest request, ProgressListener listener) throws EngineException {
        return counted(() -> {
            CheckedRequest checked = checks.check(request);
            return lane(checked.precision()).submit(checked, listener);
        });
    }

    @Override
    public CompletableFuture<List<ImageScore>> score(ScoreRequest request) throws EngineException {
        return counted(() -> {
            int label = checks.check(request);
            Optional<CheckedPrompt> prompt = checks.prompt(request);
            return scorer(checks.precision(request.precision()))
                    .submit(label, prompt, request.images(), request.deadlineNanos());
        });
    }

    /** All but the graphs. */
    private void stop() {
        lanes.values().forEach(VariantLane::close);
        if (prompts != null) {
            prompts.close();
        }
    }

    @Override
    public void close() {
        stop();
        loaded.close();
    }
}
