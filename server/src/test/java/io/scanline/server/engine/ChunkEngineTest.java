package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.server.runtime.ChunkProgram;
import io.scanline.server.runtime.Compute;
import io.scanline.server.runtime.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine on models that decide several values in a run, in fp16. */
@Timeout(60)
class ChunkEngineTest {
    private static final String TINY = TinyBundle.NAME;
    private static final String TEXT = TinyBundle.TEXT;
    private static final String PRIOR = TinyBundle.TEXT_PRIOR;

    @TempDir
    private static Path repository;

    private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();
    private static DecodingEngine engine;

    @BeforeAll
    static void open() throws IOException {
        for (String model : List.of(TINY, TEXT, PRIOR)) {
            TinyChunks.addTo(TinyBundle.copyOf(model, repository, model));
        }
        engine = DecodingEngine.open(config(4), METERS);
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    private static EngineConfig config(int slots) {
        return config(slots, 1);
    }

    private static EngineConfig config(int slots, int threads) {
        return new EngineConfig(repository, slots, 64, 16, threads, 256L << 20)
                .preferring(PrecisionChoice.FP32.orElse(PrecisionChoice.FP16));
    }

    private static GenerationRequest request(String model, long seed, int count, byte... prefix) {
        return TinyEngine.request(model, 1, seed, count, SamplingOptions.NEUTRAL, prefix).in("fp16");
    }

    private static double likelihood(Generation generation, int image) {
        return generation.images().get(image).result().orElseThrow().logLikelihoodNats();
    }

    @Test
    void modelsSayThatTheyHaveItWhereItIsChosenAndOnlyThere() throws Exception {
        for (String model : List.of(TINY, TEXT, PRIOR)) {
            assertThat(engine.model(model, "").precisions()).containsExactly("fp16", "fp32");
            assertThat(TinyEngine.make(engine, request(model, 1, 1).in("")).precision()).isEqualTo("fp16");
            assertThat(TinyEngine.make(engine, request(model, 1, 1).in("fp32")).precision()).isEqualTo("fp32");
        }
        EngineConfig single = config(2).preferring(PrecisionChoice.of(List.of(TINY + "=fp16")));
        try (DecodingEngine other = DecodingEngine.open(single, new SimpleMeterRegistry())) {
            assertThat(other.model(TINY, "").precisions()).containsExactly("fp16", "fp32");
            assertThat(other.model(TEXT, "").precisions()).containsExactly("fp32");
            assertThat(TinyEngine.make(other, request(TEXT, 1, 1).in("")).precision()).isEqualTo("fp32");
            assertThatThrownBy(() -> other.generate(request(TEXT, 1, 1), () -> {}))
                    .asInstanceOf(type(EngineException.class))
                    .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.PRECISION_NOT_FOUND));
        }
        assertThatThrownBy(() -> engine.generate(request(TINY, 1, 1).in("int8"), () -> {}))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.PRECISION_NOT_FOUND));
    }

    @ParameterizedTest
    @ValueSource(strings = {TinyBundle.NAME, TinyBundle.TEXT})
    void goldenSamplesAreWhatRequestsDraw(String model) throws Exception {
        VerifiedBundle verified =
                BundleReader.read(repository.resolve(model).resolve("1"), 256L << 20);
        for (GoldenSample sample : verified.bundle().getGoldenSamplesList()) {
            GenerationRequest any = new GenerationRequest(
                    model, "", TinyEngine.label(model, sample.getLabel()), OptionalLong.of(sample.getSeed()), 1,
                    new SamplingOptions(sample.getTemperature(), 0, 1), new byte[0], Long.MAX_VALUE)
                    .prompted(model.equals(TEXT) ? PromptOptions.of(sample.getText(), 1) : PromptOptions.NONE);
            Generation made =
                    TinyEngine.make(engine, any.in(sample.getVariant().isEmpty() ? "fp32" : sample.getVariant()));
            assertThat(TinyEngine.values(made, 0)).isEqualTo(verified.files().get(sample.getPixels()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TinyBundle.NAME, TinyBundle.TEXT, TinyBundle.TEXT_PRIOR})
    void imageIsTheSameAmongAnyMatesAndWithAnySlotsAndThreads(String model) throws Exception {
        Random random = new Random(11);
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            SamplingOptions sampling = new SamplingOptions(random.nextInt(3) / 2f, random.nextInt(3), 1 - i % 3 / 5f);
            requests.add(TinyEngine.request(model, i, random.nextLong(), 1 + i % 3, sampling).in("fp16"));
        }
        List<byte[]> alone = new ArrayList<>();
        for (GenerationRequest request : requests) {
            alone.add(TinyEngine.values(TinyEngine.make(engine, request), 0));
        }
        for (int threads : new int[] {1, 2}) {
            EngineConfig wide = config(3 + 4 * threads, threads);
            try (DecodingEngine other = DecodingEngine.open(wide, new SimpleMeterRegistry())) {
                List<Generation> together = new ArrayList<>();
                for (GenerationRequest request : requests) {
                    together.add(other.generate(request, () -> {}));
                    if (random.nextBoolean()) { // or it begins when others are in the middle
                        ImageProgress first = together.get(0).images().get(0);
                        Await.until("something is decided", () -> TinyEngine.drawn(first) > 0);
                    }
                    if (random.nextInt(3) == 0) { // somebody who leaves half-way
                        other.generate(request.in("fp16"), () -> {}).cancel();
                    }
                }
                for (int i = 0; i < requests.size(); i++) {
                    Await.end(together.get(i));
                    assertThat(TinyEngine.values(together.get(i), 0)).isEqualTo(alone.get(i));
                }
            }
        }
    }

    @Test
    void valuesDoNotDependOnTheLengthOfChunks() throws Exception {
        List<Generation> expected = new ArrayList<>();
        for (int seed = 0; seed < 8; seed++) {
            expected.add(TinyEngine.make(engine, request(TINY, seed, 2)));
        }
        for (int chunk : new int[] {1, 7, 64, 100}) {
            EngineConfig other = config(3).on(Device.CPU, chunk);
            try (DecodingEngine chunked = DecodingEngine.open(other, new SimpleMeterRegistry())) {
                for (int seed = 0; seed < 8; seed++) {
                    Generation made = TinyEngine.make(chunked, request(TINY, seed, 2));
                    for (int i = 0; i < 2; i++) {
                        assertThat(TinyEngine.values(made, i)).isEqualTo(TinyEngine.values(expected.get(seed), i));
                        assertThat(likelihood(made, i)).isCloseTo(likelihood(expected.get(seed), i), within(1e-4));
                    }
                }
            }
        }
    }

    @Test
    void scoresAreTheLikelihoodsThatWereTold() throws Exception {
        GenerationRequest request = request(TINY, 8, 6);
        Generation drawn = TinyEngine.make(engine, request);
        List<byte[]> images = IntStream.range(0, 6).mapToObj(i -> TinyEngine.values(drawn, i)).toList();
        ScoreRequest asked = new ScoreRequest(TINY, "", request.label(), images, Long.MAX_VALUE);
        List<ImageScore> fp16 = engine.score(asked.in("fp16")).get(30, TimeUnit.SECONDS);
        List<ImageScore> fp32 = engine.score(asked.in("fp32")).get(30, TimeUnit.SECONDS);
        for (int i = 0; i < images.size(); i++) {
            assertThat(fp16.get(i).logLikelihoodNats()).isCloseTo(likelihood(drawn, i), within(1e-4));
            assertThat(fp32.get(i).logLikelihoodNats()).isNotCloseTo(likelihood(drawn, i), within(1e-3));
        }
        ScoreRequest ofText = new ScoreRequest(
                TEXT, "", ClassSelector.NONE, List.of(new byte[TinyEngine.steps(TEXT)]), false, OptionalInt.empty(), 0,
                Optional.of("big dog"), Long.MAX_VALUE);
        ScoreRequest ofNothing = new ScoreRequest(
                TEXT, "", ClassSelector.NONE, List.of(new byte[TinyEngine.steps(TEXT)]), false, OptionalInt.empty(), 0,
                Optional.of(""), Long.MAX_VALUE);
        assertThat(engine.score(ofText.in("fp16")).get(30, TimeUnit.SECONDS).get(0).logLikelihoodNats())
                .isNotEqualTo(engine.score(ofNothing.in("fp16")).get(30, TimeUnit.SECONDS).get(0).logLikelihoodNats());
    }

    @ParameterizedTest
    @ValueSource(strings = {TinyBundle.NAME, TinyBundle.TEXT, TinyBundle.TEXT_PRIOR})
    void prefixOfAnyLengthIsGoneOnFromAsIfItHadBeenDrawn(String model) throws Exception {
        byte[] whole = TinyEngine.drawn(TinyEngine.make(engine, request(model, 42, 1)), 0);
        for (int given : new int[] {1, whole.length / 2 - 1, whole.length - 1}) {
            byte[] prefix = Arrays.copyOf(whole, given);
            Generation same = TinyEngine.make(engine, request(model, 42, 1, prefix));
            assertThat(TinyEngine.drawn(same, 0)).isEqualTo(whole);
        }
    }

    @Test
    void masksAndRacesWork() throws Exception {
        GenerationRequest any = request(TINY, 3, 6);
        byte[] mask = new byte[TinyEngine.steps(TINY)];
        Arrays.fill(mask, 20, 40, (byte) 1);
        byte[] values = new byte[mask.length];
        Arrays.fill(values, (byte) 2);
        GenerationRequest masked = new GenerationRequest(
                TINY, "", any.label(), any.seed(), 2, any.sampling(), new byte[0],
                Optional.of(new MaskedValues(values, mask)), Optional.empty(), Long.MAX_VALUE, Precedence.ORDINARY)
                .in("fp16");
        byte[] drawn = TinyEngine.values(TinyEngine.make(engine, masked), 0);
        assertThat(Arrays.copyOfRange(drawn, 20, 40)).containsOnly(2);
        assertThat(drawn).isNotEqualTo(TinyEngine.values(TinyEngine.make(engine, masked), 1));
        GenerationRequest race = new GenerationRequest(
                TINY, "", any.label(), any.seed(), 6, any.sampling(), new byte[0], Optional.empty(),
                Optional.of(new BestOf(1, 0)), Long.MAX_VALUE, Precedence.ORDINARY).in("fp16");
        Generation wide = TinyEngine.make(engine, race);
        try (DecodingEngine narrow = DecodingEngine.open(config(2), new SimpleMeterRegistry())) {
            Generation slow = TinyEngine.make(narrow, race);
            for (int i = 0; i < 6; i++) {
                assertThat(slow.images().get(i).result().orElseThrow().finishReason())
                        .isEqualTo(wide.images().get(i).result().orElseThrow().finishReason());
            }
        }
    }

    @Test
    void forkGoesOnInThePrecisionOfItsSource() throws Exception {
        try (Generations generations = new Generations(engine, HoldLimits.DEFAULT, new SimpleMeterRegistry())) {
            GenerationReader reader = new GenerationReader() {
                @Override
                public void progressed() {}

                @Override
                public void replaced() {}
            };
            Keeping held = new Keeping(true, 0);
            Generation source =
                    generations.open(request(TINY, 5, 1), held, Optional.empty(), null, reader).generation();
            Await.end(source);
            GenerationRequest says = new GenerationRequest("", "", ClassSelector.NONE, OptionalLong.of(5), 1,
                    SamplingOptions.NEUTRAL, new byte[0], Long.MAX_VALUE);
            Optional<ForkPoint> point = Optional.of(new ForkPoint(source.id(), 0, 30));
            Generation same = generations.open(says, held, point, null, reader).generation();
            Await.end(same);
            assertThat(same.precision()).isEqualTo("fp16");
            assertThat(TinyEngine.values(same, 0)).isEqualTo(TinyEngine.values(source, 0));
        }
    }

    @Test
    void guidanceOneAndGuidanceMoreDrawDifferentImagesOfTheSameText() throws Exception {
        GenerationRequest plain = request(TEXT, 4, 2).prompted(PromptOptions.of("big blue dog", 1));
        Generation one = TinyEngine.make(engine, plain);
        Generation seven = TinyEngine.make(engine, plain.prompted(PromptOptions.of("big blue dog", 7.5f)));
        Generation zero = TinyEngine.make(engine, plain.prompted(PromptOptions.of("big blue dog", 0)));
        Generation empty = TinyEngine.make(engine, plain.prompted(PromptOptions.of("", 1)));
        assertThat(TinyEngine.values(seven, 0)).isNotEqualTo(TinyEngine.values(one, 0));
        assertThat(TinyEngine.values(zero, 0)).isEqualTo(TinyEngine.values(empty, 0)); // drawn as if nothing was said,
        assertThat(likelihood(zero, 0)).isNotEqualTo(likelihood(empty, 0)); // and judged by what was
    }

    @Test
    void memoryOfASlotIsTwiceItsCacheAndTheNewRows() throws Exception {
        VerifiedBundle verified = BundleReader.read(repository.resolve(TINY).resolve("1"), 256L << 20);
        try (LoadedVariants loaded = LoadedVariants.load(verified, List.of("fp16"), Compute.cpu(1), 16);
                ChunkProgram program = loaded.chunks().orElseThrow().newProgram(3)) {
            long row = 2L * TinyChunks.HEADS * TinyChunks.HEAD_SIZE * Short.BYTES; // keys and values of one layer
            assertThat(program.slotBytes()).isEqualTo(row * (64 + 64 + 16));
            assertThat(loaded.all()).extracting(LoadedModel::variant).containsExactly("fp32");
        }
    }

    @Test
    void lengthOfChunksHasLimits() {
        for (int chunk : new int[] {0, -1, EngineConfig.LONGEST_CHUNK + 1}) {
            assertThatThrownBy(() -> config(2).on(Device.CPU, chunk))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("chunk must be 1 to 256");
        }
    }
}
