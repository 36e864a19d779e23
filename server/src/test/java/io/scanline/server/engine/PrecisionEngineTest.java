package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.runtime.StepState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine on models whose steps are there in fp32 and in int8. */
@Timeout(60)
class PrecisionEngineTest {
    private static final String TINY = TinyBundle.INT8;
    private static final String PRIOR = TinyBundle.TEXT_PRIOR_INT8;
    private static final String PIPELINE = "pictures";
    private static final String VAE = "tiny-vae";

    @TempDir
    private static Path repository;

    private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();
    private static DecodingEngine engine;

    @BeforeAll
    static void open() throws IOException {
        for (String model : List.of(TINY, PRIOR, VAE, TinyBundle.NAME)) {
            TinyBundle.copyOf(model, repository, model);
        }
        PipelineBundle.write(repository, PIPELINE, PRIOR, null, bundle -> {});
        engine = DecodingEngine.open(config(), METERS);
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    private static EngineConfig config() {
        return new EngineConfig(repository, 4, 64, 16, 1, 256L << 20);
    }

    private static GenerationRequest request(String model, long seed, int count, byte... prefix) {
        boolean classes = model.equals(TINY) || model.equals(TinyBundle.NAME);
        return new GenerationRequest(
                model, "", classes ? TinyEngine.label(1) : ClassSelector.NONE, OptionalLong.of(seed), count,
                SamplingOptions.NEUTRAL, prefix, Long.MAX_VALUE)
                .prompted(classes ? PromptOptions.NONE : PromptOptions.of("big blue dog", 3));
    }

    private static void refused(Reason reason, String sentence, ThrowingCallable call) {
        assertThatThrownBy(call).asInstanceOf(type(EngineException.class)).satisfies(refusal -> {
            assertThat(refusal.reason()).isEqualTo(reason);
            assertThat(refusal.field()).hasValue("precision");
            assertThat(refusal).hasMessageContaining(sentence);
        });
    }

    private static double likelihood(Generation generation, int image) {
        return generation.images().get(image).result().orElseThrow().logLikelihoodNats();
    }

    private static ScoreRequest score(GenerationRequest of, List<byte[]> images) {
        return new ScoreRequest(of.model(), "", of.label(), images, Long.MAX_VALUE);
    }

    @Test
    void modelsSayInWhichPrecisionsTheirStepsAre() throws Exception {
        assertThat(engine.model(TINY, "").precisions()).containsExactly("fp32", "int8");
        assertThat(engine.model(PRIOR, "").precisions()).containsExactly("fp32", "int8");
        assertThat(engine.model(PIPELINE, "").precisions()).containsExactly("fp32", "int8");
        assertThat(engine.model(TinyBundle.NAME, "").precisions()).containsExactly("fp32");
        assertThat(engine.model(VAE, "").precisions()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {TinyBundle.INT8, TinyBundle.TEXT_PRIOR_INT8})
    void goldenSamplesOfAPrecisionAreWhatItsRequestsDraw(String model) throws Exception {
        VerifiedBundle verified = TinyBundle.verified(model);
        for (var sample : verified.bundle().getGoldenSamplesList()) {
            String precision = sample.getVariant().isEmpty() ? "fp32" : sample.getVariant();
            GenerationRequest any = new GenerationRequest(
                    model, "", TinyEngine.label(model, sample.getLabel()), OptionalLong.of(sample.getSeed()), 1,
                    new SamplingOptions(sample.getTemperature(), 0, 1), new byte[0], Long.MAX_VALUE);
            Generation made = TinyEngine.make(
                    engine,
                    any.in(precision).prompted(
                            model.equals(PRIOR) ? PromptOptions.of(sample.getText(), 1) : PromptOptions.NONE));
            assertThat(made.precision()).isEqualTo(precision);
            assertThat(TinyEngine.drawn(made, 0)).isEqualTo(verified.files().get(sample.getPixels()));
        }
    }

    @Test
    void fp32AmongOthersInInt8IsThatOfABundleWithoutInt8() throws Exception {
        Generation plain = TinyEngine.make(engine, request(TinyBundle.NAME, 5, 4));
        List<Generation> others = new ArrayList<>();
        for (int seed = 0; seed < 6; seed++) {
            others.add(engine.generate(request(TINY, seed, 2).in("int8"), () -> {}));
        }
        for (String said : List.of("", "fp32")) {
            Generation made = TinyEngine.make(engine, request(TINY, 5, 4).in(said));
            assertThat(made.precision()).isEqualTo("fp32");
            for (int i = 0; i < 4; i++) {
                assertThat(TinyEngine.values(made, i)).isEqualTo(TinyEngine.values(plain, i));
                assertThat(likelihood(made, i)).isEqualTo(likelihood(plain, i));
            }
        }
        others.forEach(Await::end);
    }

    @Test
    void scoresAreThoseOfThePrecisionThatIsAskedFor() throws Exception {
        GenerationRequest request = request(TINY, 8, 4);
        Generation drawn = TinyEngine.make(engine, request.in("int8"));
        List<byte[]> images = Stream.of(0, 1, 2, 3).map(i -> TinyEngine.values(drawn, i)).toList();
        List<ImageScore> int8 = engine.score(score(request, images).in("int8")).get(30, TimeUnit.SECONDS);
        List<ImageScore> fp32 = engine.score(score(request, images)).get(30, TimeUnit.SECONDS);
        for (int i = 0; i < images.size(); i++) {
            assertThat(int8.get(i).logLikelihoodNats()).isCloseTo(likelihood(drawn, i), within(1e-3));
            assertThat(fp32.get(i).logLikelihoodNats()).isNotEqualTo(int8.get(i).logLikelihoodNats());
        }
        List<ImageScore> codes = engine.score(new ScoreRequest(
                PIPELINE, "", ClassSelector.NONE, List.of(new byte[144]), false, OptionalInt.empty(), 0,
                Optional.of("big dog"), Long.MAX_VALUE).in("int8")).get(30, TimeUnit.SECONDS);
        assertThat(codes.get(0).logLikelihoodNats()).isNegative();
    }

    @ParameterizedTest
    @ValueSource(strings = {TinyBundle.INT8, TinyBundle.TEXT_PRIOR_INT8, PIPELINE})
    void prefixInAnyPrecisionIsGoneOnFromInTheOneAskedFor(String model) throws Exception {
        byte[] whole = TinyEngine.drawn(TinyEngine.make(engine, request(model, 42, 1).in("int8")), 0);
        for (int given : new int[] {1, whole.length / 2, whole.length - 1}) {
            byte[] prefix = Arrays.copyOf(whole, given);
            Generation same = TinyEngine.make(engine, request(model, 42, 1, prefix).in("int8"));
            assertThat(TinyEngine.drawn(same, 0)).isEqualTo(whole);
            assertThat(same.precision()).isEqualTo("int8");
            Generation other = TinyEngine.make(engine, request(model, 42, 1, prefix));
            assertThat(TinyEngine.drawn(other, 0)).startsWith(prefix);
            assertThat(other.precision()).isEqualTo("fp32");
        }
    }

    @Test
    void masksAndRacesWorkInInt8AsAlone() throws Exception {
        GenerationRequest any = request(TINY, 3, 6);
        byte[] mask = new byte[TinyEngine.steps(TINY)];
        Arrays.fill(mask, 20, 40, (byte) 1);
        byte[] values = new byte[mask.length];
        Arrays.fill(values, (byte) 2);
        GenerationRequest masked = new GenerationRequest(
                TINY, "", any.label(), any.seed(), 2, any.sampling(), new byte[0],
                Optional.of(new MaskedValues(values, mask)), Optional.empty(), Long.MAX_VALUE, Precedence.ORDINARY)
                .in("int8");
        GenerationRequest race = new GenerationRequest(
                TINY, "", any.label(), any.seed(), 6, any.sampling(), new byte[0], Optional.empty(),
                Optional.of(new BestOf(1, 0)), Long.MAX_VALUE, Precedence.ORDINARY).in("int8");
        EngineConfig narrow = new EngineConfig(repository, 2, 64, 16, 1, 256L << 20);
        try (DecodingEngine other = DecodingEngine.open(narrow, new SimpleMeterRegistry())) {
            for (GenerationRequest request : List.of(masked, race)) {
                Generation here = TinyEngine.make(engine, request);
                Generation there = TinyEngine.make(other, request);
                for (int i = 0; i < request.count(); i++) {
                    assertThat(here.images().get(i).result().orElseThrow().sha256())
                            .isEqualTo(there.images().get(i).result().orElseThrow().sha256());
                }
            }
            byte[] drawn = TinyEngine.values(TinyEngine.make(other, masked), 0);
            assertThat(Arrays.copyOfRange(drawn, 20, 40)).containsOnly(2);
        }
    }

    @Test
    void guessingInInt8ChangesNoByte() throws Exception {
        EngineConfig close = config().guessing(GuessMode.CLOSE);
        EngineConfig off = config().guessing(GuessMode.OFF);
        try (DecodingEngine guessing = DecodingEngine.open(close, new SimpleMeterRegistry());
                DecodingEngine stepping = DecodingEngine.open(off, new SimpleMeterRegistry())) {
            for (int seed = 0; seed < 10; seed++) {
                GenerationRequest request = request(TINY, seed, 1 + seed % 3).in("int8");
                Generation guessed = TinyEngine.make(guessing, request);
                Generation plain = TinyEngine.make(stepping, request);
                for (int i = 0; i < request.count(); i++) {
                    assertThat(TinyEngine.values(guessed, i)).isEqualTo(TinyEngine.values(plain, i));
                }
            }
        }
    }

    @Test
    void pipelineThatIsNamedDrawsAsItsPriorIsToldTo() throws Exception {
        EngineConfig preferring = config().preferring(PrecisionChoice.of(List.of(PIPELINE + "=int8")));
        try (DecodingEngine other = DecodingEngine.open(preferring, new SimpleMeterRegistry())) {
            assertThat(other.model(PIPELINE, "").precisions()).containsExactly("int8", "fp32");
            assertThat(other.model(PRIOR, "").precisions()).containsExactly("int8", "fp32");
            assertThat(other.model(TINY, "").precisions()).containsExactly("fp32", "int8");
            assertThat(TinyEngine.make(other, request(PIPELINE, 7, 1)).precision()).isEqualTo("int8");
        }
    }

    @Test
    void threadsOfALaneSayWhichPrecisionItIsOf() {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .contains("decode-" + TINY + "-1-fp32", "decode-" + TINY + "-1-int8");
    }

    @Test
    void operatorSaysWhatARequestThatSaysNothingGets() throws Exception {
        EngineConfig preferring = config().preferring(PrecisionChoice.of(List.of("int8")));
        Generation int8 = TinyEngine.make(engine, request(TINY, 7, 1).in("int8"));
        Generation pictures = TinyEngine.make(engine, request(PIPELINE, 7, 1).in("int8"));
        try (DecodingEngine other = DecodingEngine.open(preferring, new SimpleMeterRegistry())) {
            assertThat(other.model(TINY, "").precisions()).containsExactly("int8", "fp32");
            assertThat(other.model(PIPELINE, "").precisions()).containsExactly("int8", "fp32");
            assertThat(other.model(TinyBundle.NAME, "").precisions()).containsExactly("fp32");
            Generation made = TinyEngine.make(other, request(TINY, 7, 1));
            assertThat(made.precision()).isEqualTo("int8");
            assertThat(TinyEngine.values(made, 0)).isEqualTo(TinyEngine.values(int8, 0));
            assertThat(likelihood(made, 0)).isEqualTo(likelihood(int8, 0));
            Generation drawn = TinyEngine.make(other, request(PIPELINE, 7, 1));
            assertThat(drawn.precision()).isEqualTo("int8");
            assertThat(TinyEngine.values(drawn, 0)).isEqualTo(TinyEngine.values(pictures, 0));
            assertThat(TinyEngine.make(other, request(TINY, 7, 1).in("fp32")).precision()).isEqualTo("fp32");
        }
    }

    @Test
    void forkTakesThePrecisionOfItsSourceUnlessItSaysAnother() throws Exception {
        try (Generations generations = new Generations(engine, HoldLimits.DEFAULT, new SimpleMeterRegistry())) {
            GenerationReader reader = new GenerationReader() {
                @Override
                public void progressed() {}

                @Override
                public void replaced() {}
            };
            Keeping held = new Keeping(true, 0);
            Generation source = generations.open(
                    request(TINY, 5, 1).in("int8"), held, Optional.empty(), null, reader).generation();
            Await.end(source);
            GenerationRequest says = new GenerationRequest("", "", ClassSelector.NONE, OptionalLong.of(5), 1,
                    SamplingOptions.NEUTRAL, new byte[0], Long.MAX_VALUE);
            Optional<ForkPoint> half = Optional.of(new ForkPoint(source.id(), 0, 30));
            Generation same = generations.open(says, held, half, null, reader).generation();
            Generation other = generations.open(says.in("fp32"), held, half, null, reader).generation();
            Await.end(same);
            Await.end(other);
            assertThat(same.precision()).isEqualTo("int8");
            assertThat(TinyEngine.values(same, 0)).isEqualTo(TinyEngine.values(source, 0));
            assertThat(other.precision()).isEqualTo("fp32");
            assertThat(TinyEngine.values(other, 0)).startsWith(Arrays.copyOf(TinyEngine.values(source, 0), 30));
            assertThatThrownBy(() -> generations.open(says.in("int4"), held, half, null, reader))
                    .asInstanceOf(type(EngineException.class))
                    .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.PRECISION_NOT_FOUND));
        }
    }

    @Test
    void precisionThatIsNotThereIsRefusedWithThoseThatAre() {
        refused(Reason.PRECISION_NOT_FOUND, "there is fp32, int8",
                () -> engine.generate(request(TINY, 1, 1).in("int4"), () -> {}));
        refused(Reason.PRECISION_NOT_FOUND, "there is fp32, int8",
                () -> engine.generate(request(PIPELINE, 1, 1).in("FP32"), () -> {}));
        refused(Reason.PRECISION_NOT_FOUND, "there is fp32",
                () -> engine.generate(request(TinyBundle.NAME, 1, 1).in("int8"), () -> {}));
        refused(Reason.PRECISION_NOT_FOUND, "there is fp32",
                () -> engine.score(score(request(TinyBundle.NAME, 1, 1), List.of(new byte[64])).in("int8")));
        GenerationRequest vae = new GenerationRequest(
                VAE, "", TinyEngine.label(VAE, 0), OptionalLong.of(1), 1, SamplingOptions.NEUTRAL, new byte[0],
                Long.MAX_VALUE);
        refused(Reason.FIELD_NOT_SUPPORTED, "takes no steps", () -> engine.generate(vae.in("fp32"), () -> {}));
    }

    @Test
    void lanesAreMeasuredApart() throws Exception {
        List<Double> before = List.of(pixels("fp32"), pixels("int8"));
        TinyEngine.make(engine, request(TINY, 1, 2).in("int8"));
        assertThat(pixels("int8") - before.get(1)).isEqualTo(2.0 * TinyEngine.steps(TINY));
        assertThat(pixels("fp32")).isEqualTo(before.get(0));
    }

    private static double pixels(String precision) {
        return METERS.get("scanline.pixels").tag("model", TINY).tag("precision", precision).counter().count();
    }

    @Test
    void stateInInt8TakesAQuarterOfTheBytes() throws Exception {
        try (LoadedVariants loaded = LoadedVariants.load(TinyBundle.verified(TINY), 1);
                StepState fp32 = loaded.all().get(0).graph().newState(2);
                StepState int8 = loaded.all().get(1).graph().newState(2)) {
            assertThat(loaded.all()).extracting(LoadedModel::variant).containsExactly("fp32", "int8");
            assertThat(fp32.slotBytes()).isEqualTo(2L * 2 * 2 * 64 * 8 * Float.BYTES);
            assertThat(int8.slotBytes()).isEqualTo(2L * 2 * 2 * 64 * 8);
        }
    }
}
