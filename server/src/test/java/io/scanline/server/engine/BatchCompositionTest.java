package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Same bundle, request and seed: same bytes, whoever else is served, however many slots and threads there are. For every
 * kind of state and precision, others being served in either, and for images that are decoded from what was drawn.
 */
class BatchCompositionTest {
    private static final Map<String, DecodingEngine> ENGINES = new TreeMap<>();
    private static DecodingEngine alone;

    /**
     * Somebody else's request.
     *
     * @param joinAt joins when the watched image has so many values; negative: before it, so that it is moved when they
     *     leave
     * @param leaveAt is cancelled when the watched image has so many values; 0: stays
     */
    record Mate(int label, long seed, int count, float temperature, int joinAt, int leaveAt) {}

    @BeforeContainer
    static void open() {
        alone = TinyEngine.open(2, 64, 1); // which an image that is guided by a text needs
        for (int slots : new int[] {2, 5, 16}) {
            for (int threads : new int[] {1, 2}) {
                ENGINES.put(slots + "x" + threads, TinyEngine.open(slots, 64, threads));
            }
        }
    }

    @AfterContainer
    static void close() {
        alone.close();
        ENGINES.values().forEach(DecodingEngine::close);
        ENGINES.clear();
    }

    @Provide
    Arbitrary<List<Mate>> mates() {
        int steps = 60; // about as many as the images have
        Arbitrary<Mate> mate = Combinators.combine(
                        Arbitraries.integers().between(0, 9),
                        Arbitraries.longs(),
                        Arbitraries.integers().between(1, 3),
                        Arbitraries.floats().between(0, 2),
                        Arbitraries.integers().between(-steps / 2, steps - 1),
                        Arbitraries.integers().between(0, steps))
                .as(Mate::new);
        return mate.list().ofMaxSize(15);
    }

    @Provide
    Arbitrary<String> engines() {
        return Arbitraries.of("2x1", "2x2", "5x1", "5x2", "16x1", "16x2");
    }

    @Provide
    Arbitrary<String> models() {
        return Arbitraries.of(TinyBundle.NAME, TinyBundle.RING, TinyBundle.ROWS, TinyBundle.ROW_GRAPH, TinyBundle.PRIOR,
                TinyBundle.TEXT, TinyBundle.TEXT_PRIOR, TinyBundle.INT8, TinyBundle.TEXT_PRIOR_INT8,
                TinyBundle.WINDOWS, TinyBundle.NEARBY);
    }

    @Property(tries = 100)
    void imageIsTheSameAmongAnyMates(
            @ForAll("models") String model,
            @ForAll("mates") List<Mate> mates,
            @ForAll("engines") String which,
            @ForAll long seed,
            @ForAll("labels") int label,
            @ForAll boolean int8)
            throws Exception {
        GenerationRequest any = TinyEngine.request(model, label, seed, 1, SamplingOptions.NEUTRAL);
        GenerationRequest request = int8 ? TinyEngine.int8(any) : any;
        byte[] expected = TinyEngine.values(TinyEngine.make(alone, request), 0);
        DecodingEngine engine = ENGINES.get(which);
        List<Mate> toJoin = new ArrayList<>(mates);
        Map<Mate, Generation> joined = new IdentityHashMap<>();
        toJoin.removeIf(mate -> mate.joinAt() < 0 && join(engine, model, mate, joined));
        Generation watched = engine.generate(request, () -> {});
        ImageProgress image = watched.images().get(0);
        Await.until("the image is complete", () -> {
            int decided = TinyEngine.drawn(image);
            toJoin.removeIf(mate -> mate.joinAt() <= decided && join(engine, model, mate, joined));
            joined.forEach((mate, generation) -> {
                if (mate.leaveAt() > 0 && mate.leaveAt() <= decided) {
                    generation.cancel();
                }
            });
            return image.result().isPresent();
        });
        joined.values().forEach(Generation::cancel);
        assertThat(image.values(0, expected.length)).isEqualTo(expected);
    }

    @Provide
    Arbitrary<Integer> labels() {
        return Arbitraries.integers().between(0, 9);
    }

    private static boolean join(DecodingEngine engine, String model, Mate mate, Map<Mate, Generation> joined) {
        SamplingOptions sampling = new SamplingOptions(mate.temperature(), 0, 1);
        GenerationRequest request = TinyEngine.request(model, mate.label(), mate.seed(), mate.count(), sampling);
        try {
            joined.put(mate, engine.generate(mate.seed() % 2 == 0 ? request : TinyEngine.int8(request), () -> {}));
        } catch (EngineException refused) {
            throw new AssertionError(refused);
        }
        return true;
    }

    @Example
    void imageIsTheSameAmongFifteenOthers() throws Exception {
        byte[] expected = TinyEngine.values(TinyEngine.make(alone, TinyEngine.request(3, 77, 1)), 0);
        for (String which : List.of("16x1", "16x2")) {
            DecodingEngine engine = ENGINES.get(which);
            List<Generation> mates = new ArrayList<>();
            for (int i = 0; i < 15; i++) {
                mates.add(engine.generate(TinyEngine.request(i % 10, 1000 + i, 1), () -> {}));
            }
            Generation watched = TinyEngine.make(engine, TinyEngine.request(3, 77, 1));
            assertThat(TinyEngine.values(watched, 0)).isEqualTo(expected);
            mates.forEach(Await::end);
        }
    }

    @Example
    void imageIsTheSameAfterARestart() throws Exception {
        byte[] expected = TinyEngine.values(TinyEngine.make(alone, TinyEngine.request(5, 123, 1)), 0);
        try (DecodingEngine reopened = TinyEngine.open(3, 8, 2)) {
            assertThat(TinyEngine.values(TinyEngine.make(reopened, TinyEngine.request(5, 123, 1)), 0))
                    .isEqualTo(expected);
        }
    }
}
