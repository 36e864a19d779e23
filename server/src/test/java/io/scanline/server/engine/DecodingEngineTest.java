package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The engine on a real graph. */
@Timeout(60)
class DecodingEngineTest {
    private static DecodingEngine engine;

    @BeforeAll
    static void open() {
        engine = TinyEngine.open(4, 64, 1);
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    private static void assertRefused(GenerationRequest request, Reason reason, String field) {
        assertThatThrownBy(() -> engine.generate(request, () -> {}))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(reason);
                    assertThat(refused.field()).contains(field);
                });
    }

    private static GenerationRequest to(String model, String version) {
        return new GenerationRequest(
                model, version, TinyEngine.label(0), OptionalLong.of(1), 1, SamplingOptions.NEUTRAL, new byte[0],
                Long.MAX_VALUE);
    }

    @Test
    void modelsAreListed() throws Exception {
        assertThat(engine.models()).extracting(ModelInfo::name).contains(TinyBundle.NAME);
        ModelInfo model = engine.model(TinyBundle.NAME, "");
        assertThat(model.serving()).isTrue();
        assertThat(model.slots()).isEqualTo(4);
        assertThat(model.digest())
                .isEqualTo("sha256:" + Sha256.hex(Files.readAllBytes(TinyBundle.directory().resolve("bundle.json"))));
    }

    @Test
    void unknownModelIsRefusedByFieldAndTheEngineServesOn() throws Exception {
        assertRefused(to("", ""), Reason.FIELD_REQUIRED, "model.name");
        assertRefused(to("nobody", ""), Reason.MODEL_NOT_FOUND, "model.name");
        assertRefused(to(TinyBundle.NAME, "99"), Reason.MODEL_NOT_FOUND, "model.version");
        assertRefused(TinyEngine.request(0, 1, 0), Reason.COUNT_OUT_OF_RANGE, "count");
        assertThat(TinyEngine.make(engine, TinyEngine.request(0, 1, 1)).failure()).isEmpty();
    }

    @Test
    void imageRebuiltFromItsPartsHasTheDigestOfItsResult() throws Exception {
        int steps = TinyEngine.steps();
        Generation generation = engine.generate(TinyEngine.request(1, 5, 3), () -> {});
        byte[][] rebuilt = new byte[3][steps];
        int[] copied = new int[3];
        Await.until("all values are copied as they come", () -> {
            for (ImageProgress image : generation.images()) {
                int decided = image.decided();
                byte[] news = image.values(copied[image.index()], decided);
                System.arraycopy(news, 0, rebuilt[image.index()], copied[image.index()], news.length);
                copied[image.index()] = decided;
            }
            return Arrays.stream(copied).allMatch(count -> count == steps);
        });
        Await.end(generation);
        for (ImageProgress image : generation.images()) {
            ImageResult result = image.result().orElseThrow();
            assertThat(Sha256.digest().digest(rebuilt[image.index()])).isEqualTo(result.sha256());
            assertThat(result.logLikelihoodNats()).isNegative();
            assertThat(result.queueMicros()).isBetween(0L, result.firstPixelMicros());
            assertThat(result.firstPixelMicros()).isLessThanOrEqualTo(result.totalMicros());
        }
    }

    @Test
    void imagesOfARequestDifferAndDoNotDependOnTheirNumber() throws Exception {
        Generation three = TinyEngine.make(engine, TinyEngine.request(2, 11, 3));
        Generation one = TinyEngine.make(engine, TinyEngine.request(2, 11, 1));
        assertThat(TinyEngine.values(one, 0)).isEqualTo(TinyEngine.values(three, 0));
        assertThat(TinyEngine.values(three, 1)).isNotEqualTo(TinyEngine.values(three, 0));
    }

    @Test
    void resumingFromAPrefixGivesTheUninterruptedImage() throws Exception {
        int steps = TinyEngine.steps();
        byte[] whole = TinyEngine.values(TinyEngine.make(engine, TinyEngine.request(3, 42, 1)), 0);
        for (int given : new int[] {1, steps / 3, steps - 1, steps}) {
            GenerationRequest resume =
                    TinyEngine.request(3, 42, 1, SamplingOptions.NEUTRAL, Arrays.copyOf(whole, given));
            assertThat(TinyEngine.values(TinyEngine.make(engine, resume), 0)).isEqualTo(whole);
        }
    }

    @Test
    void samplingOptionsDecideTheImage() throws Exception {
        SamplingOptions greedy = new SamplingOptions(0, 0, 1);
        byte[] first = TinyEngine.values(TinyEngine.make(engine, TinyEngine.request(1, 1, 1, greedy)), 0);
        byte[] second = TinyEngine.values(TinyEngine.make(engine, TinyEngine.request(1, 2, 1, greedy)), 0);
        SamplingOptions onlyBest = new SamplingOptions(1, 1, 1);
        byte[] third = TinyEngine.values(TinyEngine.make(engine, TinyEngine.request(1, 3, 1, onlyBest)), 0);
        assertThat(second).isEqualTo(first);
        assertThat(third).isEqualTo(first);
        assertThat(TinyEngine.values(TinyEngine.make(engine, TinyEngine.request(1, 1, 1)), 0)).isNotEqualTo(first);
    }

    @Test
    void scoreOfAFinishedImageIsItsLikelihood() throws Exception {
        Generation generation = TinyEngine.make(engine, TinyEngine.request(4, 8, 2, new SamplingOptions(1.3f, 0, 1)));
        List<byte[]> images = List.of(TinyEngine.values(generation, 0), TinyEngine.values(generation, 1));
        List<ImageScore> scores = engine.score(
                        new ScoreRequest(TinyBundle.NAME, "1", TinyEngine.label(4), images, Long.MAX_VALUE))
                .get(30, TimeUnit.SECONDS);
        for (int i = 0; i < 2; i++) {
            ImageResult result = generation.images().get(i).result().orElseThrow();
            assertThat(scores.get(i).logLikelihoodNats()).isCloseTo(result.logLikelihoodNats(), within(1e-3));
            assertThat(scores.get(i).bitsPerDim()).isCloseTo(result.bitsPerDim(), within(1e-4));
            double sum = 0;
            for (float value : scores.get(i).valueLogLikelihoods()) {
                sum += value;
            }
            assertThat(scores.get(i).valueLogLikelihoods()).hasSize(TinyEngine.steps());
            assertThat(sum).isCloseTo(scores.get(i).logLikelihoodNats(), within(1e-3));
        }
    }

    @Test
    void scoresAreRefusedBeyondTheQueueAndCancelledOnesGiveTheirRoomBack() throws Exception {
        int steps = TinyEngine.steps();
        try (DecodingEngine small = TinyEngine.open(1, 15, 1)) {
            ScoreRequest sixteen = new ScoreRequest(
                    TinyBundle.NAME,
                    "",
                    TinyEngine.label(0),
                    new ArrayList<>(Collections.nCopies(16, new byte[steps])),
                    Long.MAX_VALUE);
            CompletableFuture<List<ImageScore>> first = null;
            EngineException refusal = null;
            // The first may be over before the second is asked for, but not again and again.
            for (int tries = 0; refusal == null && tries < 100; tries++) {
                first = small.score(sixteen);
                try {
                    small.score(sixteen).cancel(true);
                } catch (EngineException refused) {
                    refusal = refused;
                }
                first.cancel(true);
            }
            assertThat(refusal).isNotNull();
            assertThat(refusal.reason()).isEqualTo(Reason.QUEUE_FULL);
            assertThat(refusal.retryAfter()).isPresent();
            assertThat(small.score(sixteen).get(30, TimeUnit.SECONDS)).hasSize(16);
        }
    }

    @Test
    void closeEndsScoresAndGenerationsWithShuttingDown() throws Exception {
        DecodingEngine closing = TinyEngine.open(1, 64, 1);
        CountDownLatch laneHeld = new CountDownLatch(1);
        CountDownLatch letGo = new CountDownLatch(1);
        Generation running = closing.generate(TinyEngine.request(0, 1, 1), () -> {
            laneHeld.countDown();
            awaitQuietly(letGo);
        });
        Generation waiting = closing.generate(TinyEngine.request(0, 2, 3), () -> {});
        ScoreRequest request = new ScoreRequest(
                TinyBundle.NAME, "", TinyEngine.label(0), List.of(new byte[TinyEngine.steps()]), Long.MAX_VALUE);
        List<CompletableFuture<List<ImageScore>>> scores = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            scores.add(closing.score(request));
        }
        assertThat(laneHeld.await(20, TimeUnit.SECONDS)).isTrue();
        Thread closer = new Thread(closing::close);
        closer.start();
        Await.until("the closer waits for the lane", () -> closer.getState() == Thread.State.WAITING);
        letGo.countDown();
        closer.join(20_000);
        closing.close();
        assertThat(running.failure().orElseThrow().reason()).isEqualTo(Reason.SHUTTING_DOWN);
        assertThat(waiting.failure().orElseThrow().reason()).isEqualTo(Reason.SHUTTING_DOWN);
        assertThat(scores).allMatch(CompletableFuture::isDone);
        assertThatThrownBy(() -> closing.generate(TinyEngine.request(0, 1, 1), () -> {}))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.SHUTTING_DOWN));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void likelihoodsOfAllBinaryImagesOfTwoByTwoAddUpToOne() throws Exception {
        List<byte[]> all = new ArrayList<>();
        for (int bits = 0; bits < 16; bits++) {
            all.add(new byte[] {(byte) (bits & 1), (byte) (bits >> 1 & 1), (byte) (bits >> 2 & 1), (byte) (bits >> 3)});
        }
        int classes = engine.model("tiny-binary", "1").bundle().orElseThrow().getConditioning().getClassNamesCount();
        for (int label = 0; label < Math.max(1, classes); label++) {
            ClassSelector selector =
                    classes == 0 ? ClassSelector.NONE : new ClassSelector(OptionalInt.of(label), "");
            double sum = engine.score(new ScoreRequest("tiny-binary", "", selector, all, Long.MAX_VALUE))
                    .get(30, TimeUnit.SECONDS)
                    .stream()
                    .mapToDouble(score -> Math.exp(score.logLikelihoodNats()))
                    .sum();
            assertThat(sum).isCloseTo(1, within(1e-5));
        }
    }

    @Test
    void drainFinishesTheWorkAtHand() throws Exception {
        try (DecodingEngine draining = TinyEngine.open(2, 64, 1)) {
            Generation generation = draining.generate(TinyEngine.request(0, 1, 5), () -> {});
            assertThat(draining.drain(Duration.ofSeconds(30))).isTrue();
            assertThat(generation.failure()).isEmpty();
            assertThat(generation.images()).allMatch(image -> image.result().isPresent());
            assertThatThrownBy(() -> draining.generate(TinyEngine.request(0, 1, 1), () -> {}))
                    .asInstanceOf(type(EngineException.class))
                    .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.SHUTTING_DOWN));
        }
    }

    @Test
    void measurementsAreKeptPerModelAndLeaveWithTheEngine() throws Exception {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        EngineConfig config = new EngineConfig(TinyBundle.repository(), 2, 8, 16, 1, 256L << 20);
        try (DecodingEngine measured = DecodingEngine.open(config, meters)) {
            TinyEngine.make(measured, TinyEngine.request(0, 1, 2));
            assertThatThrownBy(() -> measured.generate(TinyEngine.request(0, 1, 99), () -> {}))
                    .isInstanceOf(EngineException.class);
            int steps = TinyEngine.steps();
            String[] tags = {"model", TinyBundle.NAME, "version", "1"};
            assertThat(meters.get("scanline.pixels").tags(tags).counter().count()).isEqualTo(2.0 * steps);
            assertThat(meters.get("scanline.step").tags(tags).timer().count()).isEqualTo(steps);
            assertThat(meters.get("scanline.batch.size").tags(tags).summary().mean()).isEqualTo(2);
            assertThat(meters.get("scanline.first.pixel").tags(tags).timer().count()).isEqualTo(2);
            assertThat(meters.get("scanline.pixel.gap").tags(tags).timer().count()).isEqualTo(2L * (steps - 1));
            assertThat(meters.get("scanline.queue.depth").tags(tags).gauge().value()).isZero();
            assertThat(meters.get("scanline.rejected").tag("reason", "COUNT_OUT_OF_RANGE").counter().count())
                    .isEqualTo(1);
        }
        assertThat(meters.getMeters()).isEmpty();
    }

    @Test
    void repositoryThatIsNotThereIsSaidAtOnce() {
        EngineConfig config = EngineConfig.defaults(Path.of("no", "such", "directory"));
        assertThatThrownBy(() -> DecodingEngine.open(config, new SimpleMeterRegistry()))
                .isInstanceOf(UncheckedIOException.class);
    }
}
