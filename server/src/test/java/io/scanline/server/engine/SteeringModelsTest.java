package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same bytes whatever is paused and given up beside it, for every kind of state and every kind of model. */
@Timeout(60)
class SteeringModelsTest {
    private static final int COUNT = 3;
    private static DecodingEngine engine;

    @BeforeAll
    static void open() {
        engine = DecodingEngine.open(
                new EngineConfig(TinyBundle.repository(), 3, 64, 16, 1, 256L << 20), new SimpleMeterRegistry());
    }

    @AfterAll
    static void close() throws InterruptedException {
        assertThat(engine.drain(Duration.ofSeconds(10))).isTrue();
        engine.close();
    }

    private static byte[] values(Generation generation, int image) {
        ImageProgress progress = generation.images().get(image);
        return progress.values(0, progress.decided());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "tiny", "tiny-ring", "tiny-rows", "tiny-row-graph", "tiny-prior", "tiny-vae", "tiny-text-prior"
    })
    void valuesDoNotDependOnPausesAndCancelledNeighbours(String model) throws Exception {
        SamplingOptions sampling = SamplingOptions.NEUTRAL;
        List<Generation> alone = new ArrayList<>();
        for (int seed = 0; seed < 4; seed++) {
            alone.add(TinyEngine.make(engine, TinyEngine.request(model, seed, seed, COUNT, sampling)));
        }
        Random random = new Random(9);
        for (int round = 0; round < 6; round++) {
            List<Generation> generations = new ArrayList<>();
            for (int seed = 0; seed < 4; seed++) {
                generations.add(engine.generate(TinyEngine.request(model, seed, seed, COUNT, sampling), () -> {}));
            }
            for (int act = 0; act < 200; act++) {
                Generation one = generations.get(random.nextInt(4));
                if (random.nextInt(100) == 0) {
                    one.cancel(0);
                } else if (random.nextBoolean()) {
                    one.pause();
                } else {
                    one.proceed();
                }
            }
            generations.forEach(Generation::proceed); // all: who is paused keeps slots that another waits for
            for (int seed = 0; seed < 4; seed++) {
                Generation one = generations.get(seed);
                Await.end(one);
                assertThat(one.failure()).isEmpty();
                for (int image = 0; image < COUNT; image++) {
                    ImageResult result = one.images().get(image).result().orElseThrow();
                    if (result.finishReason() == FinishReason.COMPLETE) {
                        assertThat(values(one, image)).isEqualTo(values(alone.get(seed), image));
                    } else {
                        assertThat(image).isZero();
                        assertThat(result.sha256()).isEmpty();
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-ring", "tiny-prior", "tiny-vae", "tiny-text-prior"})
    void imageIsCompleteOrCancelledWheneverItIsGivenUp(String model) throws Exception {
        int steps = model.equals("tiny-vae") ? 1 : TinyEngine.steps(model);
        for (int step = 0; step <= steps; step++) {
            int at = step;
            Generation one =
                    engine.generate(TinyEngine.request(model, 1, 1, 2, SamplingOptions.NEUTRAL), () -> {});
            ImageProgress image = one.images().get(1);
            Await.until("step " + step, () -> TinyEngine.drawn(image) >= at || image.result().isPresent());
            boolean cancelled = one.cancel(1);
            Await.end(one);
            assertThat(one.failure()).isEmpty();
            assertThat(one.images().get(0).result().orElseThrow().finishReason()).isEqualTo(FinishReason.COMPLETE);
            assertThat(image.result().orElseThrow().finishReason())
                    .isEqualTo(cancelled ? FinishReason.CANCELLED : FinishReason.COMPLETE);
        }
    }
}
