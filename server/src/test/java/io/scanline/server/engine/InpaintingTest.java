package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Given values anywhere in an image are kept, and the rest is drawn in raster order seeing those before it. */
@Timeout(60)
class InpaintingTest {
    private static DecodingEngine engine;

    @BeforeAll
    static void open() {
        engine = TinyEngine.open(4, 64, 2);
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    private static GenerationRequest request(String model, long seed, int count, byte[] values, byte[] mask) {
        return new GenerationRequest(
                model, "", TinyEngine.label(model, 1), OptionalLong.of(seed), count, SamplingOptions.NEUTRAL,
                new byte[0], Optional.of(new MaskedValues(values, mask)), Optional.empty(), Long.MAX_VALUE,
                Precedence.ORDINARY);
    }

    /** Masks for images of so many values: 1 where it is given. */
    private static List<byte[]> masks(int size) {
        Random random = new Random(size);
        List<byte[]> masks = new ArrayList<>();
        masks.add(mask(size, i -> false));
        masks.add(mask(size, i -> true));
        masks.add(mask(size, i -> i >= size / 2));
        masks.add(mask(size, i -> i < size / 3));
        masks.add(mask(size, i -> i != size / 2));
        masks.add(mask(size, i -> i % 2 == 0));
        masks.add(mask(size, i -> random.nextBoolean()));
        return masks;
    }

    private static byte[] mask(int size, IntPredicate given) {
        byte[] mask = new byte[size];
        IntStream.range(0, size).filter(given).forEach(i -> mask[i] = 1);
        return mask;
    }

    private static byte[] levels(int size, int levels) {
        Random random = new Random(7);
        byte[] values = new byte[size];
        for (int i = 0; i < size; i++) {
            values[i] = (byte) random.nextInt(levels);
        }
        return values;
    }

    static Stream<String> models() {
        return Stream.of(
                TinyBundle.NAME, TinyBundle.RING, TinyBundle.ROWS, TinyBundle.ROW_GRAPH, TinyBundle.PRIOR,
                "tiny-context");
    }

    /** Against one value after the other in a slot of its own; among images of other requests. */
    @ParameterizedTest
    @MethodSource("models")
    void imageIsWhatDrawingTheRestOneByOneGives(String name) throws Exception {
        try (LoadedModel model = LoadedModel.load(TinyBundle.verified(name), 1);
                LoadedModel.OwnedProgram alone = model.newDecoder(1)) {
            int size = model.steps();
            byte[] values = levels(size, model.levels());
            List<Generation> running = new ArrayList<>();
            for (byte[] mask : masks(size)) {
                running.add(engine.generate(request(name, 31, 2, values, mask), () -> {}));
            }
            for (int which = 0; which < running.size(); which++) {
                Generation generation = running.get(which);
                Await.end(generation);
                assertThat(generation.failure()).isEmpty();
                Given given = Given.masked(values, masks(size).get(which));
                int label = TinyEngine.label(name, 1).index().orElse(0);
                for (int index = 0; index < 2; index++) {
                    SequentialImage expected = SequentialImage.of(
                            alone.program(), model.feed(), model.grid(),
                            LaneRig.request(label, 31, 2, given, Optional.empty(), Long.MAX_VALUE), index);
                    ImageResult result = generation.images().get(index).result().orElseThrow();
                    int drawn = size - given.count();
                    assertThat(TinyEngine.drawn(generation, index)).as("mask " + which).isEqualTo(expected.values());
                    assertThat(result.logLikelihoodNats()).isEqualTo(expected.logLikelihood(size));
                    assertThat(result.bitsPerDim()).isCloseTo(
                            drawn == 0 ? 0 : -expected.logLikelihood(size) / (Math.log(2) * drawn), within(1e-12));
                    assertThat(result.sha256()).isEqualTo(Sha256.digest().digest(TinyEngine.values(generation, index)));
                    assertThat(result.finishReason()).isEqualTo(FinishReason.COMPLETE);
                }
            }
        }
    }

    @Test
    void maskOfTheFirstValuesIsAPrefix() throws Exception {
        int size = TinyEngine.steps();
        byte[] values = levels(size, 4);
        int given = size / 3;
        Generation masked = TinyEngine.make(
                engine, request(TinyBundle.NAME, 5, 1, values, mask(size, i -> i < given)));
        Generation prefixed = TinyEngine.make(
                engine, TinyEngine.request(1, 5, 1, SamplingOptions.NEUTRAL, Arrays.copyOf(values, given)));
        assertThat(TinyEngine.values(masked, 0)).isEqualTo(TinyEngine.values(prefixed, 0));
        assertThat(masked.images().get(0).result().orElseThrow().logLikelihoodNats())
                .isEqualTo(prefixed.images().get(0).result().orElseThrow().logLikelihoodNats());
    }

    @Test
    void imageCompletedFromItsOwnValuesAnywhereIsItself() throws Exception {
        int size = TinyEngine.steps();
        byte[] whole = TinyEngine.values(TinyEngine.make(engine, TinyEngine.request(1, 99, 1)), 0);
        for (byte[] mask : masks(size)) {
            Generation generation = TinyEngine.make(engine, request(TinyBundle.NAME, 99, 1, whole, mask));
            assertThat(TinyEngine.values(generation, 0)).isEqualTo(whole);
        }
    }

    @Test
    void whatIsGivenAfterTheLastDrawnValueTakesNoStep() throws Exception {
        try (LaneRig rig = new LaneRig(1, 8, true, 1)) {
            Given end = Given.masked(new byte[LaneRig.STEPS], mask(LaneRig.STEPS, i -> i < 2 || i == 4 || i >= 7));
            GenerationTask generation =
                    rig.submit(LaneRig.request(3, 1, 1, end, Optional.empty(), Long.MAX_VALUE));
            ImageProgress image = generation.images().get(0);
            assertThat(image.decided()).isEqualTo(2);
            rig.program().permit(2);
            rig.awaitRun(3);
            assertThat(image.decided()).as("given values are fed").isEqualTo(2);
            rig.program().permit(2);
            rig.awaitRun(5);
            assertThat(image.decided()).as("the one that follows is there with it").isEqualTo(5);
            rig.program().permit(3);
            Await.end(generation);
            assertThat(rig.program().labelsOfRuns()).hasSize(7);
            assertThat(image.decided()).isEqualTo(LaneRig.STEPS);
            assertThat(rig.meters().get("scanline.pixels").counter().count()).isEqualTo(4);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void valuesThatAreNotGivenAreNotRead(boolean prior) throws Exception {
        String model = prior ? TinyBundle.PRIOR : TinyBundle.NAME;
        int size = TinyEngine.steps(model);
        byte[] mask = mask(size, i -> i % 3 == 0);
        byte[] values = levels(size, 4);
        byte[] noise = values.clone();
        for (int i = 0; i < size; i++) {
            noise[i] = mask[i] == 1 ? noise[i] : (byte) -1;
        }
        assertThat(TinyEngine.drawn(TinyEngine.make(engine, request(model, 3, 1, noise, mask)), 0))
                .isEqualTo(TinyEngine.drawn(TinyEngine.make(engine, request(model, 3, 1, values, mask)), 0));
    }
}
