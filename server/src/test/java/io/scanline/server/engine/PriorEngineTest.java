package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.server.engine.InterpolationRequest.LatentEnd;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The engine on the real graphs of a prior over codes. */
@Timeout(60)
class PriorEngineTest {
    private static final String PRIOR = TinyBundle.PRIOR;
    private static final int CODES = 12;
    private static final int VALUES = 144;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private DecodingEngine engine;

    @BeforeEach
    void open(@TempDir Path repository) throws IOException {
        TinyBundle.copyOf(PRIOR, repository, PRIOR);
        engine = DecodingEngine.open(new EngineConfig(repository, 4, 16, 16, 1, 256L << 20), meters);
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private static ClassSelector label(int index) {
        return TinyEngine.label(PRIOR, index);
    }

    private static GenerationRequest request(int label, long seed, int count, byte... prefix) {
        return TinyEngine.request(PRIOR, label, seed, count, SamplingOptions.NEUTRAL, prefix);
    }

    private static ScoreRequest score(int label, byte[]... images) {
        return new ScoreRequest(PRIOR, "", label(label), List.of(images), Long.MAX_VALUE);
    }

    private List<byte[]> decode(byte[] codes) throws EngineException {
        return TinyLatents.get(engine.decode(new DecodeRequest(
                PRIOR, "", label(0), List.of(Latent.Tokens.ofBytes(codes)), Long.MAX_VALUE)));
    }

    private byte[] encode(byte[] image) throws EngineException {
        List<Latent> latents = TinyLatents.get(engine.encode(new EncodeRequest(
                PRIOR, "", label(0), List.of(image), Long.MAX_VALUE)));
        return ((Latent.Tokens) latents.get(0)).toBytes();
    }

    private static byte[] image(long seed) {
        byte[] image = new byte[VALUES];
        new Random(seed).nextBytes(image);
        return image;
    }

    private double atHand() {
        return meters.get("scanline.oneshot.queue.depth").tag("model", PRIOR).gauge().value();
    }

    private static void assertRefused(ThrowingCallable call, Reason reason) {
        assertThatThrownBy(call)
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(reason));
    }

    @Test
    void modelSaysWhatItIs() throws Exception {
        ModelInfo model = engine.model(PRIOR, "");
        assertThat(model.steps()).isEqualTo(CODES);
        assertThat(model.values()).isEqualTo(VALUES);
        assertThat(model.slots()).isEqualTo(4);
        assertThat(model.scored()).isEqualTo(Likelihood.CODES);
        assertThat(model.drawn()).isEqualTo(Likelihood.CODES);
        assertThat(model.codes()).contains(new ValueGrid(3, 4, 1, 16));
    }

    @Test
    void goldenSeedsGiveTheGoldenCodesAndTheImagesOfThem() throws Exception {
        VerifiedBundle bundle = TinyBundle.verified(PRIOR);
        for (GoldenSample sample : bundle.bundle().getGoldenSamplesList()) {
            Generation generation = TinyEngine.make(engine, new GenerationRequest(
                    PRIOR, "", label(sample.getLabel()), OptionalLong.of(sample.getSeed()), 1,
                    new SamplingOptions(sample.getTemperature(), 0, 1), new byte[0], Long.MAX_VALUE));
            byte[] codes = bundle.files().get(sample.getPixels());
            assertThat(TinyEngine.drawn(generation, 0)).isEqualTo(codes);
            assertThat(TinyEngine.values(generation, 0)).isEqualTo(decode(codes).get(0)).hasSize(VALUES);
        }
    }

    @Test
    void imagesOfARequestDifferAndDoNotDependOnTheirNumber() throws Exception {
        Generation many = TinyEngine.make(engine, request(1, 3, 11));
        Generation one = TinyEngine.make(engine, request(1, 3, 1));
        assertThat(TinyEngine.values(many, 0)).isEqualTo(TinyEngine.values(one, 0));
        assertThat(TinyEngine.values(many, 10)).isNotEqualTo(TinyEngine.values(one, 0));
        Generation other = TinyEngine.make(engine, request(2, 3, 1));
        assertThat(TinyEngine.drawn(other, 0)).isNotEqualTo(TinyEngine.drawn(one, 0));
    }

    @Test
    void givenCodesAreKeptAndTheirLikelihoodDoesNotCount() throws Exception {
        byte[] prefix = {15, 0, 7, 7};
        Generation generation = TinyEngine.make(engine, request(1, 3, 1, prefix));
        assertThat(TinyEngine.drawn(generation, 0)).startsWith(prefix);
        ImageResult result = generation.images().get(0).result().orElseThrow();
        assertThat(result.bitsPerDim())
                .isCloseTo(-result.logLikelihoodNats() / (Math.log(2) * (CODES - prefix.length)), within(1e-12));
        Generation given = TinyEngine.make(engine, request(1, 3, 1, TinyEngine.drawn(generation, 0)));
        assertThat(TinyEngine.values(given, 0)).isEqualTo(TinyEngine.values(generation, 0));
        assertThat(given.images().get(0).result().orElseThrow().logLikelihoodNats()).isZero();
    }

    @Test
    void prefixIsOfCodes() {
        assertRefused(() -> engine.generate(request(0, 1, 1, new byte[CODES + 1]), () -> {}), Reason.PREFIX_TOO_LONG);
        assertRefused(() -> engine.generate(request(0, 1, 1, (byte) 16), () -> {}), Reason.VALUE_OUT_OF_RANGE);
        assertThat(atHand()).isZero();
    }

    @Test
    void scoreIsTheLikelihoodOfTheCodesOfTheImage() throws Exception {
        byte[] image = image(8);
        ImageScore score = TinyLatents.get(engine.score(score(2, image(7), image))).get(1);
        try (LoadedModel prior = LoadedModel.load(TinyBundle.verified(PRIOR), 1);
                StepLikelihoods likelihoods = new StepLikelihoods(prior, 1)) {
            ImageScore expected = likelihoods.score(List.of(encode(image)), 2, new float[0], () -> {}).get(0);
            assertThat(score.logLikelihoodNats()).isEqualTo(expected.logLikelihoodNats()).isNegative();
            assertThat(score.valueLogLikelihoods()).isEqualTo(expected.valueLogLikelihoods()).hasSize(CODES);
        }
        assertThat(score.bitsPerDim())
                .isCloseTo(-score.logLikelihoodNats() / (Math.log(2) * CODES), within(1e-12));
    }

    @Test
    void likelihoodOfDrawnCodesIsThatOfTheirScore() throws Exception {
        Generation generation = TinyEngine.make(engine, request(1, 21, 1));
        double drawn = generation.images().get(0).result().orElseThrow().logLikelihoodNats();
        try (LoadedModel prior = LoadedModel.load(TinyBundle.verified(PRIOR), 1);
                StepLikelihoods likelihoods = new StepLikelihoods(prior, 1)) {
            assertThat(likelihoods.score(List.of(TinyEngine.drawn(generation, 0)), 1, new float[0], () -> {}).get(0)
                            .logLikelihoodNats())
                    .isEqualTo(drawn);
        }
    }

    @Test
    void imagesAreCheckedAgainstTheImageAndNotAgainstTheCodes() {
        assertRefused(() -> engine.score(score(0, new byte[CODES])), Reason.IMAGE_SIZE_MISMATCH);
        assertRefused(
                () -> engine.score(new ScoreRequest(
                        PRIOR, "", label(0), List.of(image(1)), false, OptionalInt.of(2), 0, Long.MAX_VALUE)),
                Reason.FIELD_NOT_SUPPORTED);
        assertThat(atHand()).isZero();
    }

    @Test
    void scoresThatFindNoRoomOrAreCancelledLeaveNothingBehind() throws Exception {
        byte[][] images = new byte[16][];
        Arrays.fill(images, image(1));
        List<CompletableFuture<List<ImageScore>>> admitted = new ArrayList<>();
        Reason refusal = null;
        for (int i = 0; i < 1000 && refusal == null; i++) { // one after another they would all find room
            try {
                admitted.add(engine.score(score(0, images)));
            } catch (EngineException full) {
                refusal = full.reason();
            }
        }
        assertThat(refusal).isEqualTo(Reason.QUEUE_FULL);
        admitted.get(admitted.size() - 1).cancel(true);
        for (CompletableFuture<List<ImageScore>> answer : admitted.subList(0, admitted.size() - 1)) {
            assertThat(TinyLatents.get(answer)).hasSize(16);
        }
        Await.until("nothing is at hand", () -> atHand() == 0);
        assertThat(engine.drain(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void scoreThatWasAdmittedSurvivesADrain() throws Exception {
        CompletableFuture<List<ImageScore>> score = engine.score(score(0, image(1), image(2)));
        assertThat(engine.drain(Duration.ofSeconds(30))).isTrue();
        assertThat(TinyLatents.get(score)).hasSize(2);
        assertRefused(() -> engine.score(score(0, image(1))), Reason.SHUTTING_DOWN);
    }

    @Test
    void nothingLiesBetweenCodes() {
        LatentEnd end = new LatentEnd(Latent.Tokens.ofBytes(new byte[CODES]));
        assertRefused(
                () -> engine.interpolate(
                        new InterpolationRequest(
                                PRIOR, "", label(0), end, end, 4, LatentPath.LINEAR, Long.MAX_VALUE),
                        () -> {}),
                Reason.INTERPOLATION_NOT_SUPPORTED);
    }

    @Test
    void deadlineThatCannotBeMetIsRefusedAndLeavesNothingBehind() {
        GenerationRequest late = new GenerationRequest(
                PRIOR, "", label(0), OptionalLong.of(1), 16, SamplingOptions.NEUTRAL, new byte[0],
                System.nanoTime() + 20_000);
        assertThatThrownBy(() -> engine.generate(late, () -> {}))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason())
                        .isIn(Reason.DEADLINE_UNREACHABLE, Reason.DEADLINE_EXCEEDED));
        assertThat(atHand()).isZero();
    }

    @Test
    void cancelAtAnyMomentLeavesNothingBehind() throws Exception {
        for (int at = 0; at <= CODES; at++) {
            int when = at;
            Generation generation = engine.generate(request(0, at, 3), () -> {});
            Await.until("it has come so far", () -> {
                generation.images().forEach(image -> image.codes().orElseThrow().askForPreview());
                return TinyEngine.drawn(generation.images().get(0)) >= when;
            });
            generation.cancel();
            Await.end(generation);
        }
        Await.until("nothing is at hand", () -> atHand() == 0);
        assertThat(engine.drain(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void closeEndsGenerationsWithShuttingDown() throws Exception {
        Generation generation = engine.generate(request(0, 1, 16), () -> {});
        engine.close();
        boolean complete = generation.images().stream().allMatch(image -> image.result().isPresent());
        assertThat(generation.failure().map(EngineException::reason))
                .isEqualTo(complete ? Optional.empty() : Optional.of(Reason.SHUTTING_DOWN));
    }

    @Test
    void imageIsTheSameHoweverManyAreDecodedWithIt() throws Exception {
        byte[] expected = TinyEngine.values(TinyEngine.make(engine, request(1, 77, 1)), 0);
        List<Generation> mates = new ArrayList<>();
        for (int seed = 0; seed < 12; seed++) {
            mates.add(engine.generate(request(seed % 3, seed, 1), () -> {}));
        }
        byte[] codes = TinyEngine.drawn(TinyEngine.make(engine, request(1, 77, 1)), 0);
        mates.forEach(Await::end);
        List<Latent> many = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            many.add(Latent.Tokens.ofBytes(TinyEngine.drawn(mates.get(i), 0)));
        }
        many.add(Latent.Tokens.ofBytes(codes));
        List<byte[]> together =
                TinyLatents.get(engine.decode(new DecodeRequest(PRIOR, "", label(0), many, Long.MAX_VALUE)));
        assertThat(together.get(7)).isEqualTo(expected);
    }
}
