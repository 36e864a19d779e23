package io.scanline.server.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.scanline.bundle.v1.Bundle;
import io.scanline.contract.CounterRandom;
import io.scanline.server.engine.EmbeddingCache.Key;
import io.scanline.server.engine.Lookup.Ask;
import io.scanline.server.engine.OneShotAdmission.BatchTimes;
import io.scanline.server.engine.OneShotTask.Stage;
import io.scanline.server.runtime.BatchProgram;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A model that looks at images and texts and serves: its checks, its lane, and what it answered before. */
final class ServedLookModel extends OneLaneModel {
    private final Bundle bundle;
    private final LookCodec codec;
    private final LookDesk desk;
    private final LookChecks checks;
    private final LookPreparation preparation;
    private final OneShotLane lane;
    private final OpenWork work;
    private final LookAdmission admission;

    private ServedLookModel(
            LoadedLookModel loaded, LookCodec codec, Map<Stage, BatchTimes> times, OneShotLane lane,
            LatentMetrics metrics, LookDesk desk, OpenWork work) {
        super(lane.model(), metrics, lane, codec, loaded);
        this.bundle = loaded.bundle();
        this.codec = codec;
        this.desk = desk;
        this.work = work;
        this.checks = new LookChecks(bundle, desk.config());
        this.admission = new LookAdmission(desk.config().maxPending(), times);
        this.preparation = new LookPreparation(bundle, desk.pictures(), loaded.tokenizer());
        this.lane = lane;
        lane.start();
    }

    /** Takes the memory of a batch, tries batch sizes and starts the thread. Owns the model, also when it fails. */
    static ServedLookModel start(LoadedLookModel loaded, LookDesk desk, MeterRegistry meters, OpenWork work)
            throws EngineException {
        Bundle bundle = loaded.bundle();
        long image = (long) ValueGrid.image(bundle).values() * Float.BYTES;
        return start(loaded, () -> loaded.newCodec(BatchTrial.room(image)), codec -> {
            List<Stage> stages = LookDescription.stages(bundle);
            Map<Stage, BatchTimes> times = new EnumMap<>(Stage.class);
            for (Stage stage : stages) {
                times.put(stage, trial(stage, loaded, codec).measure());
            }
            ModelInfo info =
                    ModelInfo.serving(bundle, loaded.verified().digest(), times.get(stages.get(0)).largest());
            LatentMetrics metrics = new LatentMetrics(meters, info.name(), info.version(), stages);
            // Requests are admitted and counted as a whole, before their inputs come to the lane.
            OneShotLane lane = new OneShotLane(
                    info, codec, new OneShotAdmission(Integer.MAX_VALUE, times), metrics, new OpenWork());
            return new ServedLookModel(loaded, codec, times, lane, metrics, desk, work);
        });
    }

    /** Tries batches of random images, or of the texts of the golden samples, shortened differently. */
    private static BatchTrial trial(Stage stage, LoadedLookModel loaded, LookCodec codec) {
        BatchProgram program = codec.program(stage);
        if (stage != Stage.EMBED_TEXT) {
            float[] images = program.floatInput("image");
            int size = images.length / program.largest();
            return new BatchTrial(program, LookDescription.output(stage), (slot, item) -> {
                for (int i = 0; i < size; i++) {
                    images[slot * size + i] = (float) CounterRandom.uniform(0, item, i, 0);
                }
            });
        }
        int[] ids = loaded.tokenizer().orElseThrow().ids(loaded.bundle().getGoldenSamples(0).getText());
        return new BatchTrial(program, LookDescription.output(stage), (slot, item) -> codec.put(
                stage, slot, new Shown.Tokens(Arrays.copyOf(ids, Math.max(1, ids.length - item)))));
    }

    @Override
    public Generation generate(GenerationRequest request, ProgressListener listener) throws EngineException {
        throw counted(EngineException.of(
                Reason.GENERATION_NOT_SUPPORTED, "the model looks at images and makes none"));
    }

    @Override
    public CompletableFuture<List<ImageScore>> score(ScoreRequest request) throws EngineException {
        throw counted(EngineException.of(Reason.SCORE_NOT_SUPPORTED, "the model defines no likelihood"));
    }

    @Override
    public CompletableFuture<List<float[]>> embed(EmbedRequest request) throws EngineException {
        return counted(() -> lookUp(checks.check(request), request.deadlineNanos(), Function.identity()));
    }

    @Override
    public CompletableFuture<List<RankedCandidate>> rank(RankRequest request) throws EngineException {
        return counted(() -> {
            float scale = bundle.getEmbedding().getScale();
            return lookUp(checks.check(request), request.deadlineNanos(), vectors ->
                    Cosines.rank(vectors.get(0), vectors.subList(1, vectors.size()), scale));
        });
    }

    @Override
    public CompletableFuture<List<List<ClassProbability>>> classify(ClassifyRequest request) throws EngineException {
        return counted(() -> {
            List<Ask> asks = checks.check(request, bundle.hasClassifier());
            int top = request.top();
            if (request.classNames().isEmpty()) {
                List<String> names = bundle.getClassifier().getClassNamesList();
                return lookUp(asks, request.deadlineNanos(), all -> all.stream()
                        .map(logits -> Cosines.likeliest(doubles(logits), names, top))
                        .toList());
            }
            int images = asks.size();
            List<String> names = List.copyOf(request.classNames());
            asks.addAll(checks.texts(names, templates(request)));
            return lookUp(asks, request.deadlineNanos(), vectors -> byNames(vectors, images, names, top));
        });
    }

    private List<String> templates(ClassifyRequest request) {
        if (!request.templates().isEmpty()) {
            return request.templates();
        }
        List<String> own = bundle.getEmbedding().getPromptTemplatesList();
        return own.isEmpty() ? List.of(LookDescription.PLACE) : own;
    }

    /** Compares images with the mean vector of every name's texts. */
    private List<List<ClassProbability>> byNames(List<float[]> vectors, int images, List<String> names, int top) {
        int templates = (vectors.size() - images) / names.size();
        List<float[]> classes = new ArrayList<>();
        for (int name = 0; name < names.size(); name++) {
            int from = images + name * templates;
            classes.add(Cosines.mean(vectors.subList(from, from + templates)));
        }
        List<List<ClassProbability>> answers = new ArrayList<>();
        for (float[] image : vectors.subList(0, images)) {
            double[] logits = classes.stream()
                    .mapToDouble(name -> bundle.getEmbedding().getScale() * Cosines.cosine(image, name))
                    .toArray();
            answers.add(Cosines.likeliest(logits, names, top));
        }
        return List.copyOf(answers);
    }

    private static double[] doubles(float[] numbers) {
        double[] doubles = new double[numbers.length];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = numbers[i];
        }
        return doubles;
    }

    /** Admits a request and answers all of its inputs. */
    private <T> CompletableFuture<T> lookUp(
            List<Ask> asks, long deadlineNanos, Function<List<float[]>, T> finish) throws EngineException {
        Map<Ask, Key> keys = new IdentityHashMap<>();
        Map<Stage, Integer> unknown = new EnumMap<>(Stage.class);
        for (Ask ask : asks) {
            Key key = key(ask);
            keys.put(ask, key);
            if (!desk.cache().has(key)) {
                unknown.merge(ask.stage(), 1, Integer::sum);
            }
        }
        admission.admit(unknown, deadlineNanos);
        work.begin();
        admission.come(asks.size());
        CompletableFuture<T> answer = new Lookup<>(
                        asks, ask -> desk.cache().get(keys.get(ask), own -> begin(ask, new StageClock(), own)),
                        finish,
                        admission::leave)
                .answer(deadlineNanos);
        answer.whenComplete((result, failure) -> {
            work.end();
            if (failure instanceof EngineException refused && refused.field().isPresent()) {
                counted(refused);
            }
        });
        return answer;
    }

    /** Its description. */
    Bundle bundle() {
        return bundle;
    }

    /**
     * Checks a text that comes later: its characters, and that it makes no more ids than the model takes.
     *
     * @throws EngineException TEXT_TOO_LONG
     */
    void checkText(String text) throws EngineException {
        preparation.shown(checks.text("text", text));
    }

    /** Room and times. */
    LookAdmission admission() {
        return admission;
    }

    /**
     * Answers an input that room was kept for. Cancelling the answer gives the work up unless somebody else waits for
     * it.
     *
     * @param clock counts its run, if one is made for it: none is where the answer is known, or under way for another
     */
    CompletableFuture<float[]> answer(Stage stage, EmbedInput input, StageClock clock) {
        admission.redeem();
        Ask ask = new Ask(stage, input, "");
        CompletableFuture<float[]> answer = desk.cache().get(key(ask), own -> begin(ask, clock, own));
        answer.whenComplete((found, failure) -> admission.leave());
        return answer;
    }

    private Runnable begin(Ask ask, StageClock clock, CompletableFuture<float[]> answer) {
        LookWork begun = new LookWork(lane, codec, preparation, ask.stage(), ask.input(), clock, answer);
        begun.begin(desk.decoders());
        return begun::giveUp;
    }

    private Key key(Ask ask) {
        byte[] bytes;
        if (ask.input() instanceof EmbedInput.Text text) {
            bytes = text.text().getBytes(StandardCharsets.UTF_8);
        } else if (ask.input() instanceof EmbedInput.Picture picture) {
            bytes = picture.file();
        } else {
            bytes = ((EmbedInput.Values) ask.input()).values();
        }
        return new Key(info().digest(), ask.stage(), ask.input().getClass(), Sha256.hex(bytes));
    }
}
