package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.runtime.GraphException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where windows are exact, guessing changes how many runs an image takes, and no byte. The lane that guesses is told that plain steps take long, so
 * that it takes windows wherever one fits.
 */
@Timeout(60)
class GuessingTest {
    private static final int SLOTS = 4;
    private static final int ROUNDS = 25;
    private static final long LONG = 1_000_000_000;
    private static final float[] TEMPERATURES = {1, 1, 0.6f, 2, 0};
    private static final int[] TOP_K = {0, 0, 1, 2};
    private static final float[] TOP_P = {1, 1, 0.8f, 0.3f};

    /** A lane over a loaded model, with meters of its own. */
    private static final class Rig implements AutoCloseable {
        private final LoadedModel.OwnedProgram decoder;
        private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
        private final Guessing guessing;
        private final DecodeLane lane;

        Rig(LoadedModel model, boolean guesses) throws GraphException {
            decoder = model.newDecoder(SLOTS + 1); // one to move images with
            StepTimes times = new StepTimes(SLOTS, LONG, LONG);
            guessing = guesses ? new Guessing(model, decoder.state(), SLOTS, times) : null;
            lane = new DecodeLane(
                    ModelInfo.serving(model.bundle(), model.digest(), SLOTS),
                    new StepDecoder(model.feed(), decoder.program()), times, 64, Scheduling.equal(),
                    new ModelMetrics(meters, "rig", "1"), new OpenWork(), null);
            lane.guess(guessing);
            lane.start();
        }

        List<byte[]> make(List<CheckedRequest> requests) throws EngineException {
            List<GenerationTask> generations = new ArrayList<>();
            for (CheckedRequest request : requests) {
                generations.add(lane.submit(request, () -> {}));
            }
            List<byte[]> images = new ArrayList<>();
            for (GenerationTask generation : generations) {
                Await.end(generation);
                assertThat(generation.failure()).isEmpty();
                for (ImageProgress image : generation.images()) {
                    images.add(image.values(0, image.decided()));
                    images.add(image.result().orElseThrow().sha256());
                }
            }
            return images;
        }

        double runs() {
            return meters.get("scanline.step").timer().count();
        }

        double values() {
            return meters.get("scanline.pixels").counter().count();
        }

        @Override
        public void close() {
            lane.close();
            if (guessing != null) {
                guessing.close();
            }
            decoder.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        TinyBundle.RING, TinyBundle.NEIGHBOURS, TinyBundle.ROW_WINDOW, TinyBundle.INT8, TinyBundle.WINDOWS,
        TinyBundle.NEARBY
    })
    void guessedImagesAreThoseOfPlainSteps(String name) throws Exception {
        try (LoadedModel model = TinyEngine.load(name);
                Rig plain = new Rig(model, false);
                Rig guessing = new Rig(model, true)) {
            Random random = new Random(7);
            byte[] given = plain.make(List.of(request(model, random, Given.NOTHING))).get(0);
            for (int round = 0; round < ROUNDS; round++) {
                List<CheckedRequest> requests = new ArrayList<>();
                for (int i = random.nextInt(SLOTS); i >= 0; i--) {
                    requests.add(request(model, random, given(given, random)));
                }
                assertThat(guessing.make(requests)).containsExactlyElementsOf(plain.make(requests));
            }
            assertThat(guessing.values()).isLessThan(plain.values()); // the first image was drawn by one of them only
            assertThat(guessing.runs()).isLessThan(plain.runs());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TinyBundle.INT8, TinyBundle.WINDOWS})
    void keysAndValuesAreGuessedForNoMoreSlotsThanThereAreThreads(String name) throws Exception {
        try (LoadedModel model = TinyEngine.load(name, 1); Rig guessing = new Rig(model, true)) {
            guessing.make(List.of(images(2)));
            assertThat(guessing.runs()).isEqualTo(model.steps());
            guessing.make(List.of(images(1)));
            assertThat(guessing.runs()).isLessThan(2 * model.steps());
        }
    }

    private static CheckedRequest images(int count) {
        return new CheckedRequest(
                0, 1, count, SamplingOptions.NEUTRAL, Given.NOTHING, Optional.empty(), Long.MAX_VALUE, Precedence.ORDINARY);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        TinyBundle.NAME, TinyBundle.RING, TinyBundle.NEIGHBOURS, TinyBundle.ROW_WINDOW, TinyBundle.INT8,
        TinyBundle.WINDOWS, TinyBundle.NEARBY
    })
    void windowsGiveTheLogitsOfStepsBitForBitButForKeysAndValues(String name) throws Exception {
        try (LoadedModel model = TinyEngine.load(name)) {
            for (int image = 0; image < 10; image++) {
                WindowLogits.compare(model, new Random(image), 12);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        TinyBundle.NAME, TinyBundle.RING, TinyBundle.NEIGHBOURS, TinyBundle.ROW_WINDOW, TinyBundle.INT8,
        TinyBundle.WINDOWS, TinyBundle.NEARBY
    })
    void whatIsOnlyCloseIsNotGuessedUnlessWanted(String name) throws Exception {
        try (LoadedModel model = TinyEngine.load(name)) {
            assertThat(model.guesses(GuessMode.OFF)).isFalse();
            assertThat(model.guesses(GuessMode.AUTO)).isEqualTo(!name.equals(TinyBundle.NAME));
            assertThat(model.guesses(GuessMode.CLOSE)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        TinyBundle.NAME, TinyBundle.RING, TinyBundle.NEIGHBOURS, TinyBundle.ROW_WINDOW, TinyBundle.NEARBY
    })
    void givenValuesAreCertain(String name) throws Exception {
        try (LoadedModel model = LoadedModel.load(TinyBundle.verified(name), 1);
                Rig guessing = new Rig(model, true)) {
            Random random = new Random(3);
            byte[] whole = guessing.make(List.of(request(model, random, Given.NOTHING))).get(0);
            double before = guessing.runs();
            guessing.make(List.of(request(model, random, Given.prefix(Arrays.copyOf(whole, whole.length - 1)))));
            // Windows have at most 32 positions, and those of a model with a row graph end with the row.
            assertThat(guessing.runs() - before).isLessThanOrEqualTo(model.hasRowGraph() ? 15 : whole.length / 8 + 5);
        }
    }

    @Test
    void imagesOfARaceAreNotGuessed() throws Exception {
        try (LoadedModel model = LoadedModel.load(TinyBundle.verified(TinyBundle.RING), 1);
                Rig plain = new Rig(model, false);
                Rig guessing = new Rig(model, true)) {
            CheckedRequest race = new CheckedRequest(
                    0, 5, 2, SamplingOptions.NEUTRAL, Given.NOTHING, Optional.of(new BestOf(1, 1e6f)), Long.MAX_VALUE,
                    Precedence.ORDINARY);
            assertThat(guessing.make(List.of(race))).containsExactlyElementsOf(plain.make(List.of(race)));
            assertThat(guessing.runs()).isEqualTo(plain.runs());
        }
    }

    /** Nothing, the first values, or any. */
    private static Given given(byte[] image, Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> Given.prefix(Arrays.copyOf(image, random.nextInt(image.length)));
            case 1 -> {
                byte[] mask = new byte[image.length];
                for (int i = 0; i < mask.length; i++) {
                    mask[i] = (byte) random.nextInt(2);
                }
                yield Given.masked(image, mask);
            }
            default -> Given.NOTHING;
        };
    }

    private static CheckedRequest request(LoadedModel model, Random random, Given given) {
        int classes = model.bundle().getConditioning().getClassNamesCount();
        SamplingOptions sampling = new SamplingOptions(
                TEMPERATURES[random.nextInt(TEMPERATURES.length)],
                TOP_K[random.nextInt(TOP_K.length)],
                TOP_P[random.nextInt(TOP_P.length)]);
        return new CheckedRequest(
                random.nextInt(Math.max(1, classes)), random.nextLong(), 1 + random.nextInt(2), sampling, given,
                Optional.empty(), Long.MAX_VALUE, Precedence.ORDINARY);
    }
}
