package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Offset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models whose state is no KV cache, and a prior over codes: what holds for that one holds for them. */
@Timeout(60)
class StateKindsTest {
    /** Of neighbouring values only: it carries nothing. */
    private static final String CONTEXT = "tiny-context";

    private static DecodingEngine engine;

    @TempDir
    private Path repository;

    @BeforeAll
    static void open() {
        EngineConfig config = new EngineConfig(TinyBundle.repository(), 4, 64, 40, 1, 256L << 20);
        engine = DecodingEngine.open(config, new SimpleMeterRegistry());
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    private static GenerationRequest request(String model, long seed, int count, byte... prefix) {
        return TinyEngine.request(model, 1, seed, count, SamplingOptions.NEUTRAL, prefix);
    }

    /** The golden samples were made from all that an image ever wrote, not by this code. */
    @ParameterizedTest
    @ValueSource(strings = {CONTEXT, TinyBundle.RING, TinyBundle.ROWS, TinyBundle.ROW_GRAPH, TinyBundle.PRIOR,
        TinyBundle.TEXT, TinyBundle.TEXT_PRIOR})
    void goldenSamplesAreReproducedAndTheModelServes(String model) throws Exception {
        assertThat(engine.model(model, "1").failure()).isEmpty();
        Generation generation = TinyEngine.make(engine, TinyEngine.request(
                model, 0, 1000, 1, SamplingOptions.NEUTRAL));
        VerifiedBundle bundle = TinyBundle.verified(model);
        assertThat(TinyEngine.drawn(generation, 0))
                .isEqualTo(bundle.files().get(bundle.bundle().getGoldenSamples(0).getPixels()));
    }

    static Stream<Arguments> otherReads() {
        return Stream.of(
                reads(TinyBundle.RING, b -> b.getGraphsBuilder(0).getStateBuilder().getMemoriesBuilder(0)
                        .getRingBuilder().setLags(0, 2)),
                reads(TinyBundle.ROWS, b -> b.getGraphsBuilder(0).getStateBuilder().getMemoriesBuilder(0)
                        .getRowCacheBuilder().setOffsets(1, Offset.newBuilder().setRows(-1).setColumns(-2))),
                reads(TinyBundle.ROW_GRAPH, b -> b.getGraphsBuilder(0).getStateBuilder().getMemoriesBuilder(0)
                        .getRowCacheBuilder().setOffsets(1, Offset.newBuilder().setRows(-1).setColumns(2))));
    }

    private static Arguments reads(String model, Consumer<Bundle.Builder> change) {
        return Arguments.of(model, change);
    }

    @ParameterizedTest
    @MethodSource("otherReads")
    void readsThatTheModelWasNotMadeWithAreRefused(String model, Consumer<Bundle.Builder> change) throws Exception {
        Path bundle = TinyBundle.copyOf(model, repository, "bad");
        TinyBundle.edit(bundle, change);
        assertThatThrownBy(() -> BundleCheck.check(bundle, new EngineConfig(repository, 1, 1, 1, 1, 256L << 20)))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.BUNDLE_GOLDEN_MISMATCH));
    }

    @ParameterizedTest
    @ValueSource(strings = {CONTEXT, TinyBundle.RING, TinyBundle.ROWS, TinyBundle.ROW_GRAPH, TinyBundle.PRIOR})
    void resumingFromAPrefixGivesTheUninterruptedImage(String model) throws Exception {
        Generation uninterrupted = TinyEngine.make(engine, request(model, 42, 1));
        byte[] whole = TinyEngine.drawn(uninterrupted, 0);
        for (int given : new int[] {1, whole.length / 3, whole.length / 2, whole.length - 1, whole.length}) {
            GenerationRequest resume = request(model, 42, 1, Arrays.copyOf(whole, given));
            Generation resumed = TinyEngine.make(engine, resume);
            assertThat(TinyEngine.drawn(resumed, 0)).isEqualTo(whole);
            assertThat(TinyEngine.values(resumed, 0)).isEqualTo(TinyEngine.values(uninterrupted, 0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {CONTEXT, TinyBundle.RING, TinyBundle.ROWS, TinyBundle.ROW_GRAPH})
    void scoresAreTheLikelihoodsOfGeneration(String model) throws Exception {
        int count = 20; // more than are scored at once
        Generation generation = TinyEngine.make(engine, request(model, 8, count));
        List<byte[]> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            images.add(TinyEngine.values(generation, i));
        }
        ScoreRequest request = new ScoreRequest(model, "", TinyEngine.label(model, 1), images, Long.MAX_VALUE);
        List<ImageScore> scores = engine.score(request).get(30, TimeUnit.SECONDS);
        assertThat(scores).hasSize(count);
        for (int i = 0; i < count; i++) {
            ImageResult result = generation.images().get(i).result().orElseThrow();
            assertThat(scores.get(i).logLikelihoodNats()).isEqualTo(result.logLikelihoodNats());
            double sum = 0;
            for (float value : scores.get(i).valueLogLikelihoods()) {
                sum += value;
            }
            assertThat(sum).isCloseTo(result.logLikelihoodNats(), within(1e-4));
        }
    }

    @Test
    void likelihoodsOfAllBinaryImagesOfTwoByTwoAddUpToOne() throws Exception {
        List<byte[]> all = new ArrayList<>();
        for (int bits = 0; bits < 16; bits++) {
            all.add(new byte[] {(byte) (bits & 1), (byte) (bits >> 1 & 1), (byte) (bits >> 2 & 1), (byte) (bits >> 3)});
        }
        double sum = engine.score(new ScoreRequest(CONTEXT, "", ClassSelector.NONE, all, Long.MAX_VALUE))
                .get(30, TimeUnit.SECONDS)
                .stream()
                .mapToDouble(score -> Math.exp(score.logLikelihoodNats()))
                .sum();
        assertThat(sum).isCloseTo(1, within(1e-6));
    }

    @ParameterizedTest
    @ValueSource(strings = {TinyBundle.RING, TinyBundle.ROWS, TinyBundle.ROW_GRAPH, TinyBundle.PRIOR})
    void slotOfACancelledImageKeepsNothingOfIt(String model) throws Exception {
        byte[] expected = TinyEngine.drawn(TinyEngine.make(engine, request(model, 5, 1)), 0);
        try (DecodingEngine single = TinyEngine.open(1, 8, 1)) {
            for (int cancelAt : new int[] {1, expected.length / 2, expected.length - 2}) {
                // Other values than the model would draw, so that it leaves another state behind.
                byte[] other = new byte[cancelAt];
                Generation left = single.generate(request(model, 6, 1, other), () -> {});
                Await.until("it has drawn some", () -> TinyEngine.drawn(left.images().get(0)) > cancelAt);
                left.cancel();
                assertThat(TinyEngine.drawn(TinyEngine.make(single, request(model, 5, 1)), 0)).isEqualTo(expected);
            }
        }
    }
}
