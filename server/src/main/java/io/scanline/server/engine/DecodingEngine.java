package io.scanline.server.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.scanline.bundle.v1.Bundle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engine: loads a model repository and starts every model that passes its checks. */
public final class DecodingEngine implements ImageEngine, LatentEngine, EmbeddingEngine, CaptionEngine {
    private static final Logger log = LoggerFactory.getLogger(DecodingEngine.class);

    private final List<Entry> entries; // by name and then by version number
    private final OpenWork work;
    private final Rejections notServing;
    private final LookDesk desk;
    private boolean closed; // guarded by this

    /** A model of the repository; {@code served} is null when it failed to load. */
    private record Entry(ModelInfo info, Serving served) {}

    private DecodingEngine(List<Entry> entries, OpenWork work, LookDesk desk, MeterRegistry meters) {
        this.desk = desk;
        this.entries = entries;
        this.work = work;
        this.notServing = new Rejections(meters, Tags.of("model", "", "version", ""));
    }

    /**
     * Loads every bundle of the repository. A bundle that fails its checks is listed with its failure; the others
     * serve.
     *
     * @param config how the engine is set up
     * @param meters takes the measurements of every model
     * @throws java.io.UncheckedIOException when the repository is not a directory that can be listed
     */
    public static DecodingEngine open(EngineConfig config, MeterRegistry meters) {
        return open(config, LookConfig.defaults(), meters);
    }

    /**
     * The same.
     *
     * @param looking how models that look at images are set up
     */
    public static DecodingEngine open(EngineConfig configured, LookConfig looking, MeterRegistry meters) {
        EngineConfig config = configured.preferring(
                configured.precisions().ofPriors(configured.models(), configured.maxBundleBytes()));
        OpenWork work = new OpenWork();
        List<ModelRepository.Location> locations = ModelRepository.locations(config.models());
        LookDesk desk = new LookDesk(looking, meters);
        Map<String, Entry> entries = new LinkedHashMap<>(); // null: a pipeline, whose models are loaded first
        Starter models = verified -> start(verified, config, desk, meters, work);
        locations.forEach(location -> entries.put(location.model(), load(location, config, models)));
        Starter pipelines = verified ->
                ServedPipeline.start(verified, part -> stage(part, entries), meters, work);
        for (ModelRepository.Location location : locations) {
            entries.computeIfAbsent(location.model(), pipeline -> load(location, config, pipelines));
        }
        return new DecodingEngine(List.copyOf(entries.values()), work, desk, meters);
    }

    /** Makes a bundle serve; null: it is not for this one. */
    private interface Starter {
        Serving start(VerifiedBundle verified) throws EngineException;
    }

    private static Entry load(ModelRepository.Location location, EngineConfig config, Starter starter) {
        VerifiedBundle verified = null;
        try {
            verified = BundleReader.read(location.directory(), config.maxBundleBytes());
            Serving served = starter.start(verified);
            if (served == null) {
                return null;
            }
            log.info("Serving {}/{} with {} slots", location.name(), location.version(), served.info().slots());
            return new Entry(served.info(), served);
        } catch (EngineException failed) {
            return notServing(location, verified, failed);
        } catch (RuntimeException unforeseen) { // one bundle must not keep the others from being served
            return notServing(
                    location,
                    verified,
                    EngineException.caused(Reason.INTERNAL, "loading the bundle failed", unforeseen));
        }
    }

    /** A model that a pipeline names. */
    private static Serving stage(PipelineDescription.Part part, Map<String, Entry> entries) throws EngineException {
        if (!entries.containsKey(part.model())) {
            throw part.notThere();
        }
        Entry entry = entries.get(part.model());
        if (entry == null || entry.info().bundle().filter(Bundle::hasPipeline).isPresent()) {
            throw part.isPipeline();
        }
        if (entry.served() == null) {
            throw part.notServing(entry.info().failure().orElseThrow());
        }
        return entry.served();
    }

    private static Serving start(
            VerifiedBundle verified, EngineConfig config, LookDesk desk, MeterRegistry meters, OpenWork work)
            throws EngineException {
        if (verified.bundle().hasPipeline()) {
            return null;
        }
        if (LookDescription.looks(verified.bundle())) {
            return ServedLookModel.start(LoadedLookModel.load(verified, config.compute()), desk, meters, work);
        }
        if (CaptionDescription.captions(verified.bundle())) {
            return ServedCaptioner.start(
                    LoadedCaptioner.load(verified, config.compute()), config, desk, meters, work);
        }
        if (LatentDescription.atOnce(verified.bundle())) {
            return ServedLatentModel.start(LoadedLatentModel.load(verified, config.compute()), config, 1, meters, work);
        }
        LoadedVariants loaded = LoadedVariants.load(
                verified, config.precisions().order(verified.bundle()), config.compute(), config.chunk());
        ServedModel served;
        try {
            served = ServedModel.start(loaded, config, desk.config().maxTextCharacters(), meters, work);
        } catch (EngineException failed) {
            loaded.close();
            throw failed;
        }
        return LatentDescription.prior(verified.bundle())
                ? ServedPrior.start(served, verified, config, meters, work)
                : served;
    }

    private static Entry notServing(ModelRepository.Location location, VerifiedBundle verified, EngineException why) {
        log.error("Not serving {}/{}: {}", location.name(), location.version(), why.reason(), why);
        ModelInfo info = new ModelInfo(
                location.name(),
                location.version(),
                Optional.ofNullable(verified).map(VerifiedBundle::bundle),
                verified == null ? "" : verified.digest(),
                Optional.of(why),
                0);
        return new Entry(info, null);
    }

    @Override
    public List<ModelInfo> models() {
        return entries.stream().map(Entry::info).toList();
    }

    @Override
    public ModelInfo model(String name, String version) throws EngineException {
        return find(name, version).info();
    }

    @Override
    public Generation generate(GenerationRequest request, ProgressListener listener) throws EngineException {
        return serving(request.model(), request.version()).generate(request, listener);
    }

    @Override
    public CompletableFuture<List<ImageScore>> score(ScoreRequest request) throws EngineException {
        return serving(request.model(), request.version()).score(request);
    }

    @Override
    public LatentEngine latents() {
        return this;
    }

    @Override
    public CompletableFuture<List<Latent>> encode(EncodeRequest request) throws EngineException {
        return serving(request.model(), request.version()).encode(request);
    }

    @Override
    public CompletableFuture<List<byte[]>> decode(DecodeRequest request) throws EngineException {
        return serving(request.model(), request.version()).decode(request);
    }

    @Override
    public Interpolation interpolate(InterpolationRequest request, ProgressListener listener) throws EngineException {
        return serving(request.model(), request.version()).interpolate(request, listener);
    }

    @Override
    public EmbeddingEngine embeddings() {
        return this;
    }

    @Override
    public CompletableFuture<List<float[]>> embed(EmbedRequest request) throws EngineException {
        return serving(request.model(), request.version()).embed(request);
    }

    @Override
    public CompletableFuture<List<RankedCandidate>> rank(RankRequest request) throws EngineException {
        return serving(request.model(), request.version()).rank(request);
    }

    @Override
    public CompletableFuture<List<List<ClassProbability>>> classify(ClassifyRequest request) throws EngineException {
        return serving(request.model(), request.version()).classify(request);
    }

    @Override
    public CaptionEngine captions() {
        return this;
    }

    @Override
    public Caption caption(CaptionRequest request, ProgressListener listener) throws EngineException {
        return serving(request.model(), request.version()).caption(request, listener);
    }

    private Serving serving(String name, String version) throws EngineException {
        try {
            Entry entry = find(name, version);
            if (entry.served() == null) {
                throw EngineException.of(
                        Reason.MODEL_NOT_SERVING,
                        "version " + entry.info().version() + " of the model failed to load: "
                                + entry.info().failure().orElseThrow().reason());
            }
            return entry.served();
        } catch (EngineException refused) {
            notServing.count(refused.reason()); // under no name, since a client may make up any number of them
            throw refused;
        }
    }

    private Entry find(String name, String version) throws EngineException {
        if (name.isEmpty()) {
            throw EngineException.field(Reason.FIELD_REQUIRED, "model.name", "model.name is missing");
        }
        List<Entry> versions =
                entries.stream().filter(entry -> entry.info().name().equals(name)).toList();
        if (versions.isEmpty()) {
            throw EngineException.field(Reason.MODEL_NOT_FOUND, "model.name", "there is no model of this name");
        }
        if (!version.isEmpty()) {
            return versions.stream()
                    .filter(entry -> entry.info().version().equals(version))
                    .findFirst()
                    .orElseThrow(() -> EngineException.field(
                            Reason.MODEL_NOT_FOUND, "model.version", "the model has no such version"));
        }
        List<Entry> newestFirst = new ArrayList<>(versions);
        Collections.reverse(newestFirst);
        return newestFirst.stream()
                .filter(entry -> entry.served() != null)
                .findFirst()
                .orElse(newestFirst.get(0));
    }

    @Override
    public boolean drain(Duration atMost) throws InterruptedException {
        work.refuse();
        return work.awaitNone(atMost);
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        work.refuse();
        for (Entry entry : entries) {
            if (entry.served() != null) {
                entry.served().close();
            }
        }
        desk.close();
        notServing.close();
    }
}
