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
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Same bundle, picture, sampling and seed: same words and log-probabilities, bit for bit, whoever else is served. */
class CaptionCompositionTest {
    private static final Map<String, DecodingEngine> ENGINES = new TreeMap<>();
    private static DecodingEngine alone;

    /**
     * Somebody else's request.
     *
     * @param joinAt joins when the watched caption has so many tokens; negative: before it, so that it is moved when
     *     they leave
     * @param leaveAt is cancelled when the watched caption has so many tokens; 0: stays
     */
    record Mate(long seed, float temperature, int maxTokens, int joinAt, int leaveAt) {}

    @BeforeContainer
    static void open() {
        alone = TinyEngine.open(1, 64, 1);
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
        Arbitrary<Mate> mate = Combinators.combine(
                        Arbitraries.longs(),
                        Arbitraries.floats().between(0, 10),
                        Arbitraries.integers().between(0, TinyCaptions.MOST),
                        Arbitraries.integers().between(-6, TinyCaptions.MOST - 1),
                        Arbitraries.integers().between(0, TinyCaptions.MOST))
                .as(Mate::new);
        return mate.list().ofMaxSize(20);
    }

    @Provide
    Arbitrary<String> engines() {
        return Arbitraries.of("2x1", "2x2", "5x1", "5x2", "16x1", "16x2");
    }

    @Property(tries = 150)
    void captionIsTheSameAmongAnyMates(
            @ForAll("mates") List<Mate> mates,
            @ForAll("engines") String which,
            @ForAll long seed,
            @ForAll("images") int image,
            @ForAll("temperatures") float temperature)
            throws Exception {
        CaptionRequest request = TinyCaptions.drawn(image(image), temperature, seed);
        String expected = TinyCaptions.bits(TinyCaptions.write(alone, request));
        DecodingEngine engine = ENGINES.get(which);
        List<Mate> toJoin = new ArrayList<>(mates);
        Map<Mate, Caption> joined = new IdentityHashMap<>();
        toJoin.removeIf(mate -> mate.joinAt() < 0 && join(engine, mate, joined));
        Caption watched = engine.caption(request, () -> {});
        Await.until("the caption is complete", () -> {
            int told = watched.tokens();
            toJoin.removeIf(mate -> mate.joinAt() <= told && join(engine, mate, joined));
            joined.forEach((mate, caption) -> {
                if (mate.leaveAt() > 0 && mate.leaveAt() <= told) {
                    caption.cancel();
                }
            });
            return watched.result().isPresent();
        });
        joined.values().forEach(Caption::cancel);
        assertThat(TinyCaptions.bits(watched)).isEqualTo(expected);
    }

    @Provide
    Arbitrary<Integer> images() {
        return Arbitraries.integers().between(0, 9);
    }

    @Provide
    Arbitrary<Float> temperatures() {
        return Arbitraries.of(0f, 0.7f, 1f, 3f, 10f);
    }

    private static byte[] image(int which) {
        byte[] image = TinyCaptions.golden(which % 2);
        for (int i = 0; i < image.length; i += 1 + which) {
            image[i] ^= (byte) (which * 37);
        }
        return image;
    }

    private static boolean join(DecodingEngine engine, Mate mate, Map<Mate, Caption> joined) {
        CaptionRequest request = TinyCaptions.request(
                image((int) (mate.seed() & 7)), new SamplingOptions(mate.temperature(), 0, 1), mate.seed(),
                mate.maxTokens(), Long.MAX_VALUE, "");
        try {
            joined.put(mate, engine.caption(request, () -> {}));
        } catch (EngineException refused) {
            throw new AssertionError(refused);
        }
        return true;
    }
}
