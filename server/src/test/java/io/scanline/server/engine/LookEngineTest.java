package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.engine.EmbedInput.Picture;
import io.scanline.server.engine.EmbedInput.Text;
import io.scanline.server.engine.EmbedInput.Values;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine on real graphs that look at images and texts, their weights being random. */
@Timeout(60)
class LookEngineTest {
    /** 5 x 6 RGB, 8 components, texts of at most 24 tokens: one for every byte but "cat", and two special ones. */
    private static final String CLIP = "tiny-clip";
    /** 4 x 4 grey of 16 levels, three classes, no vectors. */
    private static final String CLASSES = "tiny-classes";

    private static final byte[] BLACK = new byte[90];
    private static final byte[] WHITE = white();

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private DecodingEngine engine;

    @BeforeEach
    void open() {
        open(new LookConfig(2000, 10_000, 10_000, 4, 5, 40, 1 << 20));
    }

    private void open(LookConfig config) {
        engine = DecodingEngine.open(
                new EngineConfig(TinyBundle.repository(), 1, 1, 1, 1, 1 << 20), config, meters);
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private static byte[] white() {
        byte[] white = new byte[90];
        Arrays.fill(white, (byte) 255);
        return white;
    }

    private List<float[]> embed(EmbedInput... inputs) throws EngineException {
        return TinyLatents.get(engine.embed(new EmbedRequest(CLIP, "", List.of(inputs), Long.MAX_VALUE)));
    }

    private List<List<ClassProbability>> classify(
            String model, List<EmbedInput> images, List<String> names, List<String> templates, int top)
            throws EngineException {
        return TinyLatents.get(engine.classify(
                new ClassifyRequest(model, "", images, names, templates, top, Long.MAX_VALUE)));
    }

    private static byte[] golden(String file) throws IOException {
        return Files.readAllBytes(TinyBundle.repository().resolve(CLIP).resolve("1/golden").resolve(file));
    }

    private static float[] floats(byte[] bytes) {
        float[] floats = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
        return floats;
    }

    private static byte[] png(byte[] values, int width, int height) throws IOException {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            int rgb = (values[3 * i] & 0xFF) << 16 | (values[3 * i + 1] & 0xFF) << 8 | values[3 * i + 2] & 0xFF;
            picture.setRGB(i % width, i / width, rgb);
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ImageIO.write(picture, "png", file);
        return file.toByteArray();
    }

    private double runs(String graph) {
        return meters.get("scanline.oneshot.batch.size").tags("model", CLIP, "graph", graph).summary().totalAmount();
    }

    private double cache(String result) {
        return meters.get("scanline.embedding.cache.requests").tag("result", result).counter().count();
    }

    private static void assertRefused(ThrowingCallable call, Reason reason, String field) {
        assertThatThrownBy(call).asInstanceOf(type(EngineException.class)).satisfies(refused -> {
            assertThat(refused.reason()).isEqualTo(reason);
            assertThat(refused.field().orElse("")).isEqualTo(field);
        });
    }

    @Test
    void vectorsAreThoseOfTheGoldenSamplesWhateverTheBatch() throws Exception {
        byte[] image = golden("0.pixels");
        List<float[]> vectors = embed(
                new Values(image), new Text("cat \uD83D\uDE00 \u732B"), new Picture(png(image, 5, 6)),
                new Values(BLACK));
        assertThat(vectors.get(0)).isEqualTo(floats(golden("0.embedding")));
        assertThat(vectors.get(1)).isEqualTo(floats(golden("0.text")));
        assertThat(vectors.get(2)).isEqualTo(vectors.get(0)); // the picture is the image, a pixel for a pixel
        assertThat(embed(new Text("")).get(0)).isEqualTo(floats(golden("1.text")));
    }

    @Test
    void answeredQuestionIsAnsweredFromMemory() throws Exception {
        Text text = new Text("a cat");
        float[] first = embed(text, text).get(0);
        assertThat(runs("text_encoder")).isEqualTo(1);
        assertThat(embed(new Text("a cat")).get(0)).isEqualTo(first);
        assertThat(runs("text_encoder")).isEqualTo(1);
        assertThat(cache("miss")).isEqualTo(1);
        assertThat(cache("hit") + cache("joined")).isEqualTo(2);
        assertThat(meters.get("scanline.embedding.cache.bytes").gauge().value()).isGreaterThan(0);
        // The same bytes as values are another question.
        embed(new Values(BLACK));
        assertThat(runs("image_encoder")).isEqualTo(1);
    }

    @Test
    void nothingIsKeptWhenTheCacheHasNoRoom() throws Exception {
        engine.close();
        open(new LookConfig(2000, 10_000, 10_000, 4, 5, 40, 0));
        embed(new Text("a cat"));
        embed(new Text("a cat"));
        assertThat(cache("miss")).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", " ", "\u0000\u0007\u001B[2J", "\uD83D\uDC69\u200D\uD83D\uDE80", "\u732B\u72AC", "cat", "q\u0308"
    })
    void everyTextHasAVectorOfLengthOne(String text) throws Exception {
        double squares = 0;
        for (float component : embed(new Text(text)).get(0)) {
            squares += component * component;
        }
        assertThat(squares).isCloseTo(1, within(1e-5));
    }

    @Test
    void textsThatAreTooLongAreRefusedByCharactersAndByTokens() {
        assertRefused(() -> embed(new Text("x".repeat(10_001))), Reason.TEXT_TOO_LONG, "inputs[0].text");
        assertRefused(() -> embed(new Text("x".repeat(10_000))), Reason.TEXT_TOO_LONG, "inputs[0].text");
        assertRefused(() -> embed(new Text("\uD83D\uDE00".repeat(10_000))), Reason.TEXT_TOO_LONG, "inputs[0].text");
        assertRefused(() -> embed(new Text(""), new Text("x".repeat(23))), Reason.TEXT_TOO_LONG, "inputs[1].text");
        assertThat(meters.get("scanline.rejected").tags("model", CLIP, "reason", "TEXT_TOO_LONG").counter().count())
                .isEqualTo(4);
    }

    @Test
    void picturesAreRefusedWithTheirReason() throws Exception {
        byte[] png = png(golden("0.pixels"), 5, 6);
        assertRefused(() -> embed(new Picture(new byte[2001])), Reason.PICTURE_TOO_LARGE, "inputs[0].picture");
        assertRefused(() -> embed(new Picture(new byte[20])), Reason.PICTURE_FORMAT_UNKNOWN, "inputs[0].picture");
        assertRefused(
                () -> embed(new Text(""), new Picture(Arrays.copyOf(png, png.length - 30))),
                Reason.PICTURE_UNREADABLE, "inputs[1].picture");
        ByteBuffer.wrap(png).putInt(16, 101).putInt(20, 100);
        assertRefused(() -> embed(new Picture(png)), Reason.PICTURE_TOO_LARGE, "inputs[0].picture");
    }

    @Test
    void requestsAreCheckedBeforeAnythingRuns() {
        assertRefused(() -> embed(), Reason.FIELD_REQUIRED, "inputs");
        assertRefused(
                () -> engine.embed(new EmbedRequest(
                        CLIP, "", Collections.nCopies(5, new Text("")), Long.MAX_VALUE)),
                Reason.COUNT_OUT_OF_RANGE, "inputs");
        assertRefused(() -> embed(new Values(new byte[89])), Reason.IMAGE_SIZE_MISMATCH, "inputs[0].values");
        assertRefused(
                () -> engine.embed(new EmbedRequest(CLIP, "", List.of(new Text("")), System.nanoTime() - 1)),
                Reason.DEADLINE_EXCEEDED, "");
        assertRefused(
                () -> engine.embed(new EmbedRequest(CLASSES, "", List.of(new Text("")), Long.MAX_VALUE)),
                Reason.EMBEDDING_NOT_SUPPORTED, "");
        assertRefused(
                () -> engine.embed(new EmbedRequest(TinyBundle.NAME, "", List.of(new Text("")), Long.MAX_VALUE)),
                Reason.EMBEDDING_NOT_SUPPORTED, "");
        assertThat(runs("text_encoder")).isZero();
    }

    @Test
    void modelThatLooksMakesAndScoresNothing() throws Exception {
        assertThat(engine.model(CLIP, "").steps()).isZero();
        assertRefused(
                () -> engine.generate(TinyLatents.generate(CLIP, 1, 1, 1), () -> {}),
                Reason.GENERATION_NOT_SUPPORTED, "");
        assertRefused(
                () -> engine.score(TinyLatents.score(CLIP, List.of(BLACK), 1, 1)), Reason.SCORE_NOT_SUPPORTED, "");
        assertRefused(
                () -> engine.encode(TinyLatents.encode(CLIP, List.of(BLACK))), Reason.LATENT_NOT_SUPPORTED, "");
    }

    @Test
    void candidatesComeByTheirCosineWithProbabilities() throws Exception {
        List<EmbedInput> candidates = List.of(new Text("dog"), new Values(BLACK), new Text("cat"), new Values(WHITE));
        List<RankedCandidate> ranked = TinyLatents.get(
                engine.rank(new RankRequest(CLIP, "", new Text("cat"), candidates, Long.MAX_VALUE)));
        List<float[]> vectors = embed(new Text("cat"), new Values(BLACK));
        assertThat(ranked).hasSize(4).isSortedAccordingTo((a, b) -> Double.compare(b.cosine(), a.cosine()));
        assertThat(ranked.get(0).index()).isEqualTo(2);
        assertThat(ranked.get(0).cosine()).isCloseTo(1, within(1e-6));
        double sum = 0;
        double normaliser = ranked.stream().mapToDouble(candidate -> Math.exp(10 * candidate.cosine())).sum();
        for (RankedCandidate candidate : ranked) {
            assertThat(candidate.probability())
                    .isCloseTo(Math.exp(10 * candidate.cosine()) / normaliser, within(1e-9));
            sum += candidate.probability();
            if (candidate.index() == 1) {
                assertThat(candidate.cosine()).isEqualTo(Cosines.cosine(vectors.get(0), vectors.get(1)));
            }
        }
        assertThat(sum).isCloseTo(1, within(1e-9));
    }

    @Test
    void namesAreComparedByTheMeanOfTheirTexts() throws Exception {
        List<ClassProbability> classes = classify(
                CLIP, List.of(new Values(BLACK)), List.of("cat", "dog"), List.of(), 0).get(0);
        float[] image = embed(new Values(BLACK)).get(0);
        double[] cosines = new double[2];
        List<String> names = List.of("cat", "dog");
        for (int i = 0; i < 2; i++) {
            List<float[]> texts = embed(new Text("a picture of " + names.get(i)), new Text(names.get(i)));
            cosines[i] = Cosines.cosine(image, Cosines.mean(texts));
        }
        double cat = 1 / (1 + Math.exp(10 * (cosines[1] - cosines[0])));
        assertThat(classes).hasSize(2);
        assertThat(classes.stream().filter(found -> found.name().equals("cat")).findFirst().orElseThrow().probability())
                .isCloseTo(cat, within(1e-9));
        assertThat(classify(CLIP, List.of(new Values(BLACK)), names, List.of("{}!"), 1).get(0)).hasSize(1);
    }

    @Test
    void ownClassesComeByTheirLogits() throws Exception {
        List<ClassProbability> classes =
                classify(CLASSES, List.of(new Values(new byte[16])), List.of(), List.of(), 0).get(0);
        assertThat(classes).extracting(ClassProbability::name).containsExactly("disc", "square", "cross");
        assertThat(classes).allSatisfy(found -> assertThat(found.probability()).isCloseTo(1 / 3d, within(1e-9)));
        assertRefused(
                () -> classify(CLIP, List.of(new Values(BLACK)), List.of(), List.of(), 0),
                Reason.CLASSIFY_NOT_SUPPORTED, "");
        assertRefused(
                () -> classify(CLASSES, List.of(new Values(new byte[16])), List.of("cat"), List.of(), 0),
                Reason.TEXT_NOT_SUPPORTED, "class_names");
        assertRefused(
                () -> classify(CLIP, List.of(new Text("cat")), List.of("cat"), List.of(), 0),
                Reason.FIELD_NOT_SUPPORTED, "images[0].text");
        assertRefused(
                () -> classify(CLIP, List.of(new Values(BLACK)), List.of("cat"), List.of("a"), 0),
                Reason.TEMPLATE_INVALID, "templates[0]");
        assertRefused(
                () -> classify(CLIP, List.of(new Values(BLACK)), List.of("cat"), Collections.nCopies(17, "{}"), 0),
                Reason.COUNT_OUT_OF_RANGE, "templates");
        assertRefused(
                () -> classify(CLIP, List.of(new Values(BLACK)), Collections.nCopies(6, "cat"), List.of(), 0),
                Reason.COUNT_OUT_OF_RANGE, "class_names");
    }

    @Test
    void cancelledRequestsLeaveNothingBehind() throws Exception {
        List<CompletableFuture<List<float[]>>> answers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            answers.add(engine.embed(new EmbedRequest(
                    CLIP, "", List.of(new Text("t" + i), new Values(WHITE)), Long.MAX_VALUE)));
            answers.get(i).cancel(false);
        }
        assertThat(engine.drain(Duration.ofSeconds(10))).isTrue();
        assertRefused(() -> embed(new Text("late")), Reason.SHUTTING_DOWN, "");
    }

    @Test
    void everyInputOfManyRequestsAtOnceIsAnswered() throws Exception {
        List<CompletableFuture<List<float[]>>> answers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            answers.add(engine.embed(new EmbedRequest(
                    CLIP, "", List.of(new Text("n" + i), new Text("n" + i / 2), new Values(WHITE)), Long.MAX_VALUE)));
        }
        for (int i = 0; i < 8; i++) {
            List<float[]> found = TinyLatents.get(answers.get(i));
            assertThat(found.get(0)).isEqualTo(embed(new Text("n" + i)).get(0));
            assertThat(found.get(1)).isEqualTo(embed(new Text("n" + i / 2)).get(0));
        }
        assertThat(runs("image_encoder")).isEqualTo(1);
        assertThat(runs("text_encoder")).isEqualTo(8);
    }

    @Test
    void requestsBeyondTheRoomAreRefusedUntilThereIsSome() throws Exception {
        engine.close();
        open(new LookConfig(2000, 10_000, 10_000, 4, 256, 3, 1 << 20));
        // A request that is larger than the room is served when it is alone.
        assertThat(embed(new Text("a"), new Text("b"), new Text("c"), new Text("d"))).hasSize(4);

        CountDownLatch release = hold();
        CompletableFuture<List<float[]>> waiting = engine.embed(new EmbedRequest(
                CLIP, "", List.of(new Text("e"), new Text("f"), new Text("g")), Long.MAX_VALUE));
        EmbedRequest one = new EmbedRequest(CLIP, "", List.of(new Text("h")), Long.MAX_VALUE);
        assertThatThrownBy(() -> engine.embed(one)).asInstanceOf(type(EngineException.class)).satisfies(refused -> {
            assertThat(refused.reason()).isEqualTo(Reason.QUEUE_FULL);
            assertThat(refused.retryAfter()).isPresent();
        });
        release.countDown();
        assertThat(TinyLatents.get(waiting)).hasSize(3);
        assertThat(TinyLatents.get(engine.embed(one))).hasSize(1);
    }

    @Test
    void deadlineThatPassesWhileTheModelIsBusyEndsTheRequest() throws Exception {
        embed(new Text("known"));
        CountDownLatch release = hold();
        CompletableFuture<List<float[]>> late = engine.embed(new EmbedRequest(
                CLIP, "", List.of(new Text("unknown")), System.nanoTime() + 200_000_000L));
        assertRefused(() -> TinyLatents.get(late), Reason.DEADLINE_EXCEEDED, "");
        // What is known needs no model.
        assertThat(embed(new Text("known"))).hasSize(1);
        release.countDown();
        assertThat(engine.drain(Duration.ofSeconds(10))).isTrue();
    }

    /** Holds the lane's thread, by the listener of an answer, until it is released. */
    private CountDownLatch hold() throws EngineException {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        // An answer that is there before its listener tells this thread and not the lane's: then another one is tried.
        for (int attempt = 0; held.getCount() > 0; attempt++) {
            CompletableFuture<List<float[]>> answer = engine.embed(
                    new EmbedRequest(CLIP, "", List.of(new Text("hold " + attempt)), Long.MAX_VALUE));
            CompletableFuture<Void> told = answer.thenRun(() -> {
                if (Thread.currentThread().getName().startsWith("one-shot-")) {
                    held.countDown();
                    awaitQuietly(release);
                }
            });
            Await.until("the lane is held or the answer told", () -> held.getCount() == 0 || told.isDone());
        }
        return release;
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
