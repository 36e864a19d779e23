package io.scanline.server.engine;

import static io.scanline.server.engine.TinyLatents.AUTOENCODER;
import static io.scanline.server.engine.TinyLatents.RGBA;
import static io.scanline.server.engine.TinyLatents.TOKENS;
import static io.scanline.server.engine.TinyLatents.VAE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.engine.InterpolationRequest.End;
import io.scanline.server.engine.InterpolationRequest.ImageEnd;
import io.scanline.server.engine.InterpolationRequest.LatentEnd;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Optional;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What models with a latent space refuse, and what the others refuse of it. */
class LatentRefusalTest {
    private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();
    private static DecodingEngine engine;

    @BeforeAll
    static void open() {
        EngineConfig config =
                new EngineConfig(TinyBundle.repository(), 4, 64, 16, 1, 256L << 20, 6, 10);
        engine = DecodingEngine.open(config, METERS);
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    @AfterEach
    void stillServes() throws Exception {
        assertThat(TinyEngine.make(engine, TinyLatents.generate(VAE, 1, 1, 1)).failure()).isEmpty();
    }

    private static void assertRefused(ThrowingCallable call, Reason reason, String field) {
        assertThatThrownBy(call).asInstanceOf(type(EngineException.class)).satisfies(refused -> {
            assertThat(refused.reason()).isEqualTo(reason);
            assertThat(refused.field().orElse("")).isEqualTo(field);
        });
    }

    private static void assertGenerateRefused(SamplingOptions sampling, byte[] prefix, Reason reason, String field) {
        assertRefused(
                () -> engine.generate(
                        new GenerationRequest(
                                RGBA, "", ClassSelector.NONE, OptionalLong.of(1), 1, sampling, prefix, Long.MAX_VALUE),
                        () -> {}),
                reason,
                field);
    }

    private static GenerationRequest asked(
            Optional<MaskedValues> given, Optional<BestOf> bestOf, Precedence precedence) {
        return new GenerationRequest(
                RGBA, "", ClassSelector.NONE, OptionalLong.of(1), 1, SamplingOptions.NEUTRAL, new byte[0], given,
                bestOf, Long.MAX_VALUE, precedence);
    }

    private static void assertScoreRefused(String model, byte[] image, int samples, Reason reason, String field) {
        assertRefused(() -> engine.score(TinyLatents.score(model, List.of(image), samples, 0)), reason, field);
    }

    private static void assertDecodeRefused(String model, Latent latent, Reason reason, String field) {
        assertRefused(() -> engine.decode(TinyLatents.decode(model, List.of(latent))), reason, field);
    }

    private static void assertInterpolateRefused(
            String model, End from, End to, int frames, Reason reason, String field) {
        assertRefused(
                () -> engine.interpolate(TinyLatents.interpolate(model, from, to, frames), () -> {}), reason, field);
    }

    private static double refusals(String model, Reason reason) {
        return METERS.get("scanline.rejected").tags("model", model, "reason", reason.name()).counter().count();
    }

    @Test
    void generationFromNothingIsRefused() {
        for (String model : List.of(TOKENS, AUTOENCODER)) {
            assertRefused(
                    () -> engine.generate(TinyLatents.generate(model, 1, 1, 1), () -> {}),
                    Reason.GENERATION_NOT_SUPPORTED,
                    "");
            assertThat(refusals(model, Reason.GENERATION_NOT_SUPPORTED)).isEqualTo(1);
        }
    }

    @Test
    void whatOnlyStepsCanDoIsRefused() {
        byte[] none = {};
        assertGenerateRefused(SamplingOptions.NEUTRAL, new byte[1], Reason.FIELD_NOT_SUPPORTED, "prefix");
        Optional<MaskedValues> nothing = Optional.of(new MaskedValues(none, none));
        assertRefused(() -> engine.generate(asked(nothing, Optional.empty(), Precedence.ORDINARY), () -> {}),
                Reason.FIELD_NOT_SUPPORTED, "given");
        Optional<BestOf> best = Optional.of(new BestOf(1, 0));
        assertRefused(() -> engine.generate(asked(Optional.empty(), best, Precedence.ORDINARY), () -> {}),
                Reason.FIELD_NOT_SUPPORTED, "best_of");
        assertGenerateRefused(new SamplingOptions(1, 3, 1), none, Reason.FIELD_NOT_SUPPORTED, "sampling.top_k");
        assertGenerateRefused(new SamplingOptions(1, 0, 0.5f), none, Reason.FIELD_NOT_SUPPORTED, "sampling.top_p");
        assertGenerateRefused(
                new SamplingOptions(Float.NaN, 0, 1), none, Reason.TEMPERATURE_OUT_OF_RANGE, "sampling.temperature");
        GenerationRequest urgent =
                asked(Optional.empty(), Optional.empty(), new Precedence("a", Priority.HIGH));
        assertRefused(() -> engine.generate(urgent, () -> {}), Reason.FIELD_NOT_SUPPORTED, "priority");
        assertRefused(
                () -> engine.generate(TinyLatents.generate(VAE, 1, 17, 1), () -> {}),
                Reason.COUNT_OUT_OF_RANGE,
                "count");
    }

    @Test
    void scoresWithoutALikelihoodAreRefused() {
        assertScoreRefused(TOKENS, TinyLatents.image(TOKENS, 1, false), 1, Reason.SCORE_NOT_SUPPORTED, "");
        assertScoreRefused(AUTOENCODER, TinyLatents.image(AUTOENCODER, 1, false), 1, Reason.SCORE_NOT_SUPPORTED, "");
    }

    @Test
    void scoresOfLevelsThatABernoulliModelDoesNotKnowNameThePlace() {
        byte[] image = TinyLatents.image(VAE, 1, true);
        image[17] = 3;
        assertThatThrownBy(() -> engine.score(TinyLatents.score(VAE, List.of(image), 1, 0)))
                .hasMessage("value 17 of images[0] is 3; the model knows 0 and 4 only");
        assertScoreRefused(VAE, image, 1, Reason.VALUE_OUT_OF_RANGE, "images[0]");
        image[17] = 5;
        assertScoreRefused(VAE, image, 1, Reason.VALUE_OUT_OF_RANGE, "images[0]");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, -1})
    void importanceSamplesHaveALimit(int samples) {
        assertScoreRefused(
                VAE,
                TinyLatents.image(VAE, 1, true),
                samples,
                Reason.IMPORTANCE_SAMPLES_OUT_OF_RANGE,
                "importance_samples");
    }

    @Test
    void importanceSamplesUpToTheLimitAreTaken() throws Exception {
        byte[] image = TinyLatents.image(VAE, 1, true);
        assertThat(TinyLatents.get(engine.score(TinyLatents.score(VAE, List.of(image), 6, 0)))).hasSize(1);
    }

    @Test
    void partsOfABoundAndSamplesOfAnExactLikelihoodAreRefused() {
        assertRefused(
                () -> engine.score(new ScoreRequest(
                        RGBA, "", ClassSelector.NONE, List.of(new byte[144]), true, OptionalInt.empty(), 0,
                        Long.MAX_VALUE)),
                Reason.FIELD_NOT_SUPPORTED,
                "per_value");
        assertRefused(
                () -> engine.score(new ScoreRequest(
                        TinyBundle.NAME, "", TinyEngine.label(0), List.of(new byte[TinyEngine.steps()]), true,
                        OptionalInt.of(1), 0, Long.MAX_VALUE)),
                Reason.FIELD_NOT_SUPPORTED,
                "importance_samples");
    }

    @Test
    void modelsWithoutALatentSpaceSaySo() {
        ClassSelector label = TinyEngine.label(0);
        byte[] image = new byte[TinyEngine.steps()];
        String model = TinyBundle.NAME;
        assertRefused(
                () -> engine.encode(new EncodeRequest(model, "", label, List.of(image), Long.MAX_VALUE)),
                Reason.LATENT_NOT_SUPPORTED,
                "");
        assertRefused(
                () -> engine.decode(new DecodeRequest(model, "", label, List.of(), Long.MAX_VALUE)),
                Reason.LATENT_NOT_SUPPORTED,
                "");
        assertInterpolateRefused(
                model, new ImageEnd(image), new ImageEnd(image), 2, Reason.LATENT_NOT_SUPPORTED, "");
        assertThat(refusals(model, Reason.LATENT_NOT_SUPPORTED)).isEqualTo(3);
        assertRefused(
                () -> engine.encode(new EncodeRequest("nobody", "", label, List.of(image), Long.MAX_VALUE)),
                Reason.MODEL_NOT_FOUND,
                "model.name");
    }

    @Test
    void imagesToEncodeMustBeImagesOfTheModel() {
        assertRefused(() -> engine.encode(TinyLatents.encode(VAE, List.of())), Reason.FIELD_REQUIRED, "images");
        assertRefused(
                () -> engine.encode(TinyLatents.encode(VAE, Collections.nCopies(17, new byte[64]))),
                Reason.COUNT_OUT_OF_RANGE,
                "images");
        assertRefused(
                () -> engine.encode(TinyLatents.encode(VAE, List.of(new byte[64], new byte[63]))),
                Reason.IMAGE_SIZE_MISMATCH,
                "images[1]");
        byte[] bright = new byte[64];
        bright[3] = 5;
        assertRefused(
                () -> engine.encode(TinyLatents.encode(VAE, List.of(bright))), Reason.VALUE_OUT_OF_RANGE, "images[0]");
        assertRefused(
                () -> engine.encode(
                        new EncodeRequest(VAE, "", ClassSelector.NONE, List.of(new byte[64]), Long.MAX_VALUE)),
                Reason.CLASS_REQUIRED,
                "label");
        assertRefused(
                () -> engine.encode(new EncodeRequest(
                        RGBA, "", new ClassSelector(OptionalInt.of(0), ""), List.of(new byte[144]), Long.MAX_VALUE)),
                Reason.CLASS_NOT_SUPPORTED,
                "label");
        assertRefused(
                () -> engine.encode(new EncodeRequest(
                        RGBA, "", ClassSelector.NONE, List.of(new byte[144]), System.nanoTime() - 1)),
                Reason.DEADLINE_EXCEEDED,
                "");
    }

    @Test
    void latentsToDecodeMustBeLatentsOfTheModel() {
        assertRefused(() -> engine.decode(TinyLatents.decode(VAE, List.of())), Reason.FIELD_REQUIRED, "latents");
        assertDecodeRefused(
                VAE, new Latent.Vector(new float[5]), Reason.LATENT_KIND_MISMATCH, "latents[0]");
        assertDecodeRefused(TOKENS, new Latent.Vector(new float[12]), Reason.LATENT_KIND_MISMATCH, "latents[0]");
        assertDecodeRefused(
                AUTOENCODER, new Latent.Tokens(new int[4]), Reason.LATENT_KIND_MISMATCH, "latents[0]");
        assertDecodeRefused(
                VAE, new Latent.Gaussian(new float[4], new float[4]), Reason.LATENT_SIZE_MISMATCH,
                "latents[0].gaussian.mean");
        assertDecodeRefused(
                AUTOENCODER, new Latent.Vector(new float[] {0, Float.NaN, 0, 0}), Reason.LATENT_NOT_FINITE,
                "latents[0].vector.values");
        assertDecodeRefused(
                AUTOENCODER, new Latent.Vector(new float[] {0, 0, 0, Float.NEGATIVE_INFINITY}),
                Reason.LATENT_NOT_FINITE, "latents[0].vector.values");
        assertDecodeRefused(
                TOKENS, new Latent.Tokens(new int[11]), Reason.LATENT_SIZE_MISMATCH, "latents[0].tokens.codes");
        int[] codes = new int[12];
        codes[4] = 16;
        assertDecodeRefused(TOKENS, new Latent.Tokens(codes), Reason.CODE_OUT_OF_RANGE, "latents[0].tokens.codes");
        codes[4] = -1; // above 2^31 on the wire
        assertDecodeRefused(TOKENS, new Latent.Tokens(codes), Reason.CODE_OUT_OF_RANGE, "latents[0].tokens.codes");
    }

    @Test
    void interpolationNeedsTwoEndsOfTheModelAndAPathBetweenThem() {
        End image = new ImageEnd(new byte[144]);
        End latent = new LatentEnd(TinyLatents.latent(RGBA, 1));
        assertInterpolateRefused(RGBA, image, latent, 1, Reason.FRAMES_OUT_OF_RANGE, "frames");
        assertInterpolateRefused(RGBA, image, latent, 11, Reason.FRAMES_OUT_OF_RANGE, "frames");
        assertInterpolateRefused(RGBA, image, latent, -1, Reason.FRAMES_OUT_OF_RANGE, "frames");
        assertInterpolateRefused(
                RGBA, image, new ImageEnd(new byte[1]), 2, Reason.IMAGE_SIZE_MISMATCH, "to.image");
        assertInterpolateRefused(
                RGBA, new LatentEnd(new Latent.Vector(new float[7])), image, 2, Reason.LATENT_KIND_MISMATCH,
                "from.latent");
        assertInterpolateRefused(TOKENS, image, image, 2, Reason.INTERPOLATION_NOT_SUPPORTED, "");
    }

    @Test
    void limitsHaveRangesAndDefaults() {
        EngineConfig defaults = EngineConfig.defaults(Path.of("models"));
        assertThat(defaults.maxImportanceSamples()).isEqualTo(64);
        assertThat(defaults.maxFrames()).isEqualTo(256);
        assertThatThrownBy(() -> new EngineConfig(Path.of("models"), 1, 1, 1, 1, 1, 0, 2))
                .hasMessageContaining("maxImportanceSamples");
        assertThatThrownBy(() -> new EngineConfig(Path.of("models"), 1, 1, 1, 1, 1, 1, 1))
                .hasMessageContaining("maxFrames");
    }
}
