package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Metric;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The engine on a pipeline of real graphs, their weights being random. */
@Timeout(60)
class PipelineEngineTest {
    private static final String PRIOR = "tiny-text-prior";
    private static final String JUDGE = PipelineBundle.JUDGE;
    private static final String RANKED = "picture-ranked";
    private static final String PLAIN = "picture";
    private static final String PROMPT = "a red cat";

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private Path repository;
    private DecodingEngine engine;

    @BeforeEach
    void open(@TempDir Path directory) throws IOException {
        repository = directory;
        TinyBundle.copyOf(PRIOR, directory, PRIOR);
        TinyBundle.copyOf(JUDGE, directory, JUDGE);
        PipelineBundle.write(directory, RANKED, PRIOR, JUDGE, bundle -> bundle
                .setParameters(7)
                .addMetrics(Metric.newBuilder().setName("r_at_1").setValue(0.5)));
        PipelineBundle.write(directory, PLAIN, PRIOR, null, bundle -> {});
        engine = DecodingEngine.open(new EngineConfig(directory, 4, 16, 16, 1, 256L << 20), meters);
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private static GenerationRequest request(String model, String prompt, long seed, int count) {
        return new GenerationRequest(
                        model, "", ClassSelector.NONE, OptionalLong.of(seed), count, SamplingOptions.NEUTRAL,
                        new byte[0], Long.MAX_VALUE)
                .prompted(PromptOptions.of(prompt, 1));
    }

    private static void assertRefused(ThrowingCallable call, Reason reason) {
        assertThatThrownBy(call)
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(reason));
    }

    private static List<ImageRank> ranks(Generation generation) {
        return generation.images().stream().map(image -> image.rank().orElseThrow()).toList();
    }

    @Test
    void pipelineIsAModelOfItsOwn() throws Exception {
        ModelInfo info = engine.model(RANKED, "");
        assertThat(info.serving()).isTrue();
        assertThat(info.digest()).isNotEqualTo(engine.model(PRIOR, "").digest()).startsWith("sha256:");
        assertThat(info.slots()).isEqualTo(4);
        assertThat(info.steps()).isEqualTo(12);
        assertThat(info.values()).isEqualTo(144);
        assertThat(info.codes()).isPresent();
        assertThat(info.prompt()).isEqualTo(engine.model(PRIOR, "").prompt()).isPresent();
        Bundle bundle = info.bundle().orElseThrow();
        assertThat(bundle.getName()).isEqualTo(RANKED);
        assertThat(bundle.getFamily()).isEqualTo("pipeline");
        assertThat(bundle.getParameters()).isEqualTo(7);
        assertThat(bundle.getMetricsList()).extracting(Metric::getName).containsExactly("r_at_1");
        assertThat(engine.models()).extracting(ModelInfo::name).containsExactly(PLAIN, RANKED, JUDGE, PRIOR);
        Path directory = repository.resolve(RANKED).resolve("1");
        assertThat(BundleCheck.check(directory, EngineConfig.defaults(repository)).digest()).isEqualTo(info.digest());
    }

    @Test
    void imagesAreThoseOfThePriorAndRanksThoseOfTheJudge() throws Exception {
        Generation ranked = TinyEngine.make(engine, request(RANKED, PROMPT, 5, 4));
        Generation prior = TinyEngine.make(engine, request(PRIOR, PROMPT, 5, 4));
        assertThat(ranked.model().name()).isEqualTo(RANKED);
        assertThat(ranked.prompt().orElseThrow().ids()).isEqualTo(prior.prompt().orElseThrow().ids());
        LevelMap levels = new LevelMap(
                TinyBundle.verified(PRIOR).bundle().getGeometry(), TinyBundle.verified(JUDGE).bundle());
        List<EmbedInput> candidates = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            byte[] image = TinyEngine.values(ranked, i);
            assertThat(image).isEqualTo(TinyEngine.values(prior, i));
            assertThat(ranked.images().get(i).result().orElseThrow().sha256())
                    .isEqualTo(prior.images().get(i).result().orElseThrow().sha256());
            candidates.add(new EmbedInput.Values(levels.map(image)));
        }
        List<RankedCandidate> order = TinyLatents.get(
                engine.rank(new RankRequest(JUDGE, "", new EmbedInput.Text(PROMPT), candidates, Long.MAX_VALUE)));
        List<ImageRank> ranks = ranks(ranked);
        for (int place = 0; place < 4; place++) {
            ImageRank rank = ranks.get(order.get(place).index());
            assertThat(rank.place()).isEqualTo(place + 1);
            assertThat(rank.promptLikeness()).isEqualTo((float) order.get(place).cosine());
        }
        assertThat(prior.images()).allMatch(image -> image.rank().isEmpty());
        assertThat(prior.stages()).isEmpty();
    }

    @Test
    void ranksAreTheSameWhateverElseRuns() throws Exception {
        List<ImageRank> alone = ranks(TinyEngine.make(engine, request(RANKED, PROMPT, 5, 3)));
        engine.close();
        engine = DecodingEngine.open(
                new EngineConfig(repository, 3, 16, 16, 1, 256L << 20), new SimpleMeterRegistry());
        List<Generation> others = new ArrayList<>();
        for (int seed = 100; seed < 104; seed++) {
            others.add(engine.generate(request(RANKED, "a blue sun", seed, 3), () -> {}));
        }
        assertThat(ranks(TinyEngine.make(engine, request(RANKED, PROMPT, 5, 3)))).isEqualTo(alone);
        others.forEach(Await::end);
    }

    @Test
    void everyStageSaysWhatItTook() throws Exception {
        Generation ranked = TinyEngine.make(engine, request(RANKED, PROMPT, 5, 4));
        List<StageTime> times = ranked.stages();
        assertThat(times).extracting(StageTime::stage).containsExactly("read", "draw", "paint", "prompt", "look");
        assertThat(times.get(0).runs()).isEqualTo(1);
        assertThat(times.get(1).runs()).isEqualTo(12);
        assertThat(times.get(2).runs()).isBetween(1L, 4L);
        assertThat(times.get(3).runs()).isEqualTo(1);
        assertThat(times.get(4).runs()).isBetween(1L, 4L);
        // Counted once all results are there.
        Await.until("it is counted", () -> meters.get("scanline.pipeline.stage")
                        .tags("model", RANKED, "stage", "draw")
                        .timer()
                        .count()
                == 1);
        assertThat(meters.find("scanline.pipeline.stage").tag("model", RANKED).timers()).hasSize(5);
        List<StageTime> plain = TinyEngine.make(engine, request(PLAIN, PROMPT, 5, 1)).stages();
        assertThat(plain).extracting(StageTime::stage).containsExactly("read", "draw", "paint");
    }

    @Test
    void slotsAreThoseOfThePrior() throws Exception {
        List<Generation> both = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            both.add(engine.generate(request(i % 2 == 0 ? RANKED : PRIOR, PROMPT, i, 4), () -> {}));
        }
        both.forEach(Await::end);
        assertThat(both).allMatch(generation -> generation.failure().isEmpty());
        assertThat(meters.find("scanline.slots.active").gauges()).as("lanes").hasSize(1);
        assertThat(meters.get("scanline.batch.size").tag("model", PRIOR).summary().max()).isLessThanOrEqualTo(4);
        assertThat(engine.drain(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void guidedImagesAreRankedToo() throws Exception {
        GenerationRequest guided = request(RANKED, PROMPT, 5, 2).prompted(PromptOptions.of(PROMPT, 3));
        Generation ranked = TinyEngine.make(engine, guided);
        assertThat(ranks(ranked)).extracting(ImageRank::place).containsExactlyInAnyOrder(1, 2);
        assertThat(ranked.stages().get(1).runs()).as("both rows of an image are of one run").isEqualTo(12);
    }

    @Test
    void pipelineWithoutRankingOrPromptRanksNothing() throws Exception {
        assertThat(TinyEngine.make(engine, request(PLAIN, PROMPT, 5, 2)).images())
                .allMatch(image -> image.rank().isEmpty());
        assertThat(TinyEngine.make(engine, request(RANKED, "", 5, 2)).images())
                .allMatch(image -> image.rank().isEmpty());
    }

    @Test
    void requestsAreCheckedAsThoseOfThePrior() {
        assertRefused(() -> engine.generate(request(RANKED, PROMPT, 5, 0), () -> {}), Reason.COUNT_OUT_OF_RANGE);
        assertRefused(
                () -> engine.generate(request(RANKED, PROMPT, 5, 2).prompted(PromptOptions.NONE), () -> {}),
                Reason.PROMPT_REQUIRED);
        assertRefused(
                () -> engine.generate(request(RANKED, "a cat a cat a cat a cat", 5, 1), () -> {}),
                Reason.PROMPT_TOO_LONG);
        // Five words to the prior, and more than 24 letters to the model that ranks.
        assertRefused(
                () -> engine.generate(request(RANKED, "redredredred redredredred red", 5, 1), () -> {}),
                Reason.PROMPT_TOO_LONG);
        assertThat(meters.get("scanline.rejected").tags("model", RANKED, "reason", "PROMPT_TOO_LONG").counter().count())
                .isEqualTo(2);
    }

    @Test
    void whatItsPriorCanDoItCan() throws Exception {
        Generation made = TinyEngine.make(engine, request(RANKED, PROMPT, 5, 1));
        byte[] image = TinyEngine.values(made, 0);
        byte[] codes = TinyEngine.drawn(made, 0);
        List<Latent> latents = List.of(Latent.Tokens.ofBytes(codes));
        assertThat(TinyLatents.get(engine.decode(
                        new DecodeRequest(RANKED, "", ClassSelector.NONE, latents, Long.MAX_VALUE))).get(0))
                .isEqualTo(image);
        assertThat(TinyLatents.get(engine.encode(
                new EncodeRequest(RANKED, "", ClassSelector.NONE, List.of(image), Long.MAX_VALUE)))).hasSize(1);
        assertThat(score(RANKED, image)).isEqualTo(score(PRIOR, image));
        assertRefused(
                () -> engine.embed(new EmbedRequest(RANKED, "", List.of(new EmbedInput.Text("cat")), Long.MAX_VALUE)),
                Reason.EMBEDDING_NOT_SUPPORTED);
    }

    private double score(String model, byte[] image) throws EngineException {
        return TinyLatents.get(engine.score(new ScoreRequest(
                        model, "", ClassSelector.NONE, List.of(image), false, OptionalInt.empty(), 0,
                        Optional.of(PROMPT), Long.MAX_VALUE)))
                .get(0)
                .logLikelihoodNats();
    }

    /** An engine whose slots are held by a paused request of 16 images, which takes 17 places of the ranking model. */
    private Generation hold(int maxPending) throws EngineException {
        engine.close();
        engine = DecodingEngine.open(
                new EngineConfig(repository, 4, 16, 16, 1, 256L << 20),
                new LookConfig(1 << 20, 1 << 20, 10_000, 64, 64, maxPending, 1 << 20),
                new SimpleMeterRegistry());
        while (true) {
            Generation holding = engine.generate(request(RANKED, PROMPT, 5, 16), () -> {});
            holding.pause();
            if (holding.images().stream().allMatch(image -> image.codes().orElseThrow().decided() < 6)) { // of 12
                return holding;
            }
            holding.cancel(); // it was too fast
            Await.end(holding);
        }
    }

    private void assertQueueFull(String words) {
        assertThatThrownBy(() -> engine.generate(request(RANKED, PROMPT, 6, 16), () -> {}))
                .hasMessageContaining(words)
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.QUEUE_FULL));
    }

    @Test
    void withoutRoomForTheRankingThePriorAdmitsNothing() throws Exception {
        Generation holding = hold(20);
        assertQueueFull("inputs are at hand");
        assertThat(engine.generate(request(PRIOR, PROMPT, 6, 16), () -> {}).queuePosition()).isLessThanOrEqualTo(5);
        holding.proceed();
        Await.end(holding);
        assertThat(ranks(holding)).hasSize(16);
    }

    @Test
    void withoutRoomInThePriorTheRankingKeepsNone() throws Exception {
        Generation holding = hold(60);
        Generation waiting = engine.generate(request(RANKED, PROMPT, 6, 16), () -> {});
        for (int i = 0; i < 5; i++) {
            assertQueueFull("images are waiting");
        }
        holding.cancel();
        Await.end(waiting);
        assertThat(ranks(waiting)).hasSize(16);
        assertThat(engine.drain(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void cancelledPipelineIsNoWorkAnyMore() throws Exception {
        Generation generation = hold(60);
        generation.cancel();
        Await.until("it has ended", () -> generation.failure().isPresent());
        assertThat(generation.failure().orElseThrow().reason()).isEqualTo(Reason.CANCELLED);
        assertThat(engine.drain(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void pipelineOfAPipelineDoesNotServe() throws Exception {
        engine.close();
        Path nested = PipelineBundle.write(repository, "nested", PLAIN, JUDGE, bundle -> {});
        engine = DecodingEngine.open(
                new EngineConfig(repository, 2, 16, 16, 1, 256L << 20), new SimpleMeterRegistry());
        assertThat(engine.model("nested", "").failure().orElseThrow().reason()).isEqualTo(Reason.BUNDLE_STAGE_MISMATCH);
        assertRefused(
                () -> BundleCheck.check(nested, EngineConfig.defaults(repository)), Reason.BUNDLE_STAGE_MISMATCH);
    }
}
