package io.scanline.server.engine;

import static io.scanline.server.engine.TinyLatents.GENERATOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.Observation;
import io.scanline.contract.CounterRandom;
import io.scanline.server.engine.InterpolationRequest.ImageEnd;
import io.scanline.server.engine.InterpolationRequest.LatentEnd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model without an encoder draws, decodes and interpolates between latents, and refuses the rest. */
@Timeout(60)
class GeneratorTest {
    private static final int COMPONENTS = 5;
    private static final ClassSelector CLASS = new ClassSelector(OptionalInt.of(1), "");

    private static DecodingEngine engine;

    @BeforeAll
    static void open() {
        engine = TinyEngine.open(4, 200, 1);
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    private static Generation generate(long seed, int count, float temperature, ClassSelector label) throws Exception {
        return TinyEngine.make(engine, new GenerationRequest(
                GENERATOR, "", label, OptionalLong.of(seed), count, new SamplingOptions(temperature, 0, 1), new byte[0],
                Long.MAX_VALUE));
    }

    private static byte[] decode(float... mean) throws Exception {
        Latent latent = new Latent.Gaussian(mean, new float[0]);
        return TinyLatents.get(engine.decode(
                        new DecodeRequest(GENERATOR, "", CLASS, List.of(latent), Long.MAX_VALUE)))
                .get(0);
    }

    private static float[] noise(long seed, int image, float temperature) {
        float[] latent = new float[COMPONENTS];
        for (int d = 0; d < COMPONENTS; d++) {
            latent[d] = (float) (temperature * CounterRandom.normal(seed, image, d, 0));
        }
        return latent;
    }

    @Test
    void saysThatItHasNoEncoderAndNoLikelihood() throws Exception {
        ModelInfo info = engine.model(GENERATOR, "");
        assertThat(info.serving()).isTrue();
        assertThat(ModelInfo.encodes(info.bundle().orElseThrow())).isFalse();
        assertThat(ModelInfo.encodes(engine.model(TinyLatents.VAE, "").bundle().orElseThrow())).isTrue();
        assertThat(info.scored()).isEqualTo(Likelihood.NONE);
        assertThat(info.steps()).isEqualTo(1);
    }

    @Test
    void sampleOfTheGoldenSeedIsTheGoldenImage() throws Exception {
        byte[] golden = Files.readAllBytes(
                TinyBundle.repository().resolve(Path.of(GENERATOR, "1", "golden", "1.pixels")));
        assertThat(TinyLatents.values(generate(1001, 1, 1, CLASS), 0)).isEqualTo(golden);
    }

    @Test
    void imageIsThatOfTemperatureTimesTheNormalNumbersOfItsSeed() throws Exception {
        Generation generation = generate(3, 3, 0.7f, CLASS);
        for (int image = 0; image < 3; image++) {
            assertThat(TinyLatents.values(generation, image)).isEqualTo(decode(noise(3, image, 0.7f)));
        }
        assertThat(TinyLatents.values(generation, 0)).isNotEqualTo(TinyLatents.values(generation, 1));
        assertThat(TinyLatents.values(generate(3, 1, 0, CLASS), 0)).isEqualTo(decode(new float[COMPONENTS]));
    }

    @Test
    void classChangesTheImage() throws Exception {
        ClassSelector other = new ClassSelector(OptionalInt.empty(), "cross");
        assertThat(TinyLatents.values(generate(3, 1, 1, other), 0))
                .isNotEqualTo(TinyLatents.values(generate(3, 1, 1, CLASS), 0));
    }

    @Test
    void interpolatesBetweenLatents() throws Exception {
        Latent from = new Latent.Gaussian(noise(1, 0, 1), new float[0]);
        Latent to = new Latent.Gaussian(noise(2, 0, 1), new float[0]);
        List<Interpolation.Frame> frames = TinyLatents.frames(engine.interpolate(
                new InterpolationRequest(
                        GENERATOR, "", CLASS, new LatentEnd(from), new LatentEnd(to), 5, LatentPath.SPHERICAL,
                        Long.MAX_VALUE),
                () -> {}));
        assertThat(frames).hasSize(5);
        assertThat(frames.get(0).values()).isEqualTo(decode(noise(1, 0, 1)));
        assertThat(frames.get(4).values()).isEqualTo(decode(noise(2, 0, 1)));
    }

    private static void assertRefused(ThrowingCallable call, Reason reason, String field) {
        assertThatThrownBy(call).asInstanceOf(type(EngineException.class)).satisfies(refused -> {
            assertThat(refused.reason()).isEqualTo(reason);
            assertThat(refused.field().orElse("")).isEqualTo(field);
        });
    }

    @Test
    void whatNeedsAnEncoderIsRefused() throws Exception {
        byte[] image = new byte[144];
        Latent latent = new Latent.Gaussian(new float[COMPONENTS], new float[0]);
        assertRefused(
                () -> engine.encode(new EncodeRequest(GENERATOR, "", CLASS, List.of(image), Long.MAX_VALUE)),
                Reason.ENCODE_NOT_SUPPORTED,
                "");
        assertRefused(
                () -> engine.score(new ScoreRequest(
                        GENERATOR, "", CLASS, List.of(image), false, OptionalInt.of(1), 0, Long.MAX_VALUE)),
                Reason.SCORE_NOT_SUPPORTED,
                "");
        assertRefused(
                () -> engine.interpolate(
                        new InterpolationRequest(
                                GENERATOR, "", CLASS, new LatentEnd(latent), new ImageEnd(image), 5, LatentPath.LINEAR,
                                Long.MAX_VALUE),
                        () -> {}),
                Reason.ENCODE_NOT_SUPPORTED,
                "to.image");
        assertThat(generate(1, 1, 1, CLASS).failure()).isEmpty();
    }

    @TempDir
    private Path repository;

    private void assertBundleRefused(Consumer<Bundle.Builder> change, String words) throws Exception {
        Path bundle = TinyBundle.copyOf(GENERATOR, repository, "bad");
        TinyBundle.edit(bundle, change);
        assertThatThrownBy(() -> BundleCheck.check(bundle, new EngineConfig(repository, 2, 4, 2, 1, 1 << 20)))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(Reason.BUNDLE_DESCRIPTION_INVALID);
                    assertThat(refused.getMessage()).contains(words);
                });
    }

    @Test
    void modelWithALikelihoodNeedsItsEncoder() throws Exception {
        assertBundleRefused(
                bundle -> bundle.getLatentBuilder().setObservation(Observation.OBSERVATION_GAUSSIAN),
                "no graph of role \"encoder\"");
    }

    @Test
    void vectorsWithoutADistributionNeedTheirEncoder() throws Exception {
        assertBundleRefused(
                bundle -> bundle.getLatentBuilder().setKind(LatentKind.LATENT_KIND_VECTOR),
                "no graph of role \"encoder\"");
    }

    @Test
    void goldenLatentWithoutAnEncoderIsRefused() throws Exception {
        assertBundleRefused(
                bundle -> bundle.getGoldenSamplesBuilder(0).setLatent("golden/0.image"), "a golden sample has a latent");
    }
}
