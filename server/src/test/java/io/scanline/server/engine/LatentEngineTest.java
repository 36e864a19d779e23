package io.scanline.server.engine;

import static io.scanline.server.engine.TinyLatents.ALL;
import static io.scanline.server.engine.TinyLatents.AUTOENCODER;
import static io.scanline.server.engine.TinyLatents.RGBA;
import static io.scanline.server.engine.TinyLatents.TOKENS;
import static io.scanline.server.engine.TinyLatents.VAE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.contract.CounterRandom;
import io.scanline.contract.GaussianPosterior;
import io.scanline.server.engine.InterpolationRequest.ImageEnd;
import io.scanline.server.engine.InterpolationRequest.LatentEnd;
import io.scanline.server.runtime.Compute;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The engine on the real graphs of models that make an image at once. */
@Timeout(60)
class LatentEngineTest {
    private static DecodingEngine engine;

    @BeforeAll
    static void open() {
        engine = TinyEngine.open(4, 200, 1);
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    private static byte[] golden(String model, String file) throws Exception {
        return Files.readAllBytes(Path.of(TinyBundle.repository().toString(), model, "1", "golden", file));
    }

    private static List<Latent> encode(String model, byte[]... images) throws EngineException {
        return TinyLatents.get(engine.encode(TinyLatents.encode(model, List.of(images))));
    }

    private static List<byte[]> decode(String model, Latent... latents) throws EngineException {
        return TinyLatents.get(engine.decode(TinyLatents.decode(model, List.of(latents))));
    }

    private static double bound(String model, byte[] image, int samples, long seed) throws EngineException {
        return TinyLatents.get(engine.score(TinyLatents.score(model, List.of(image), samples, seed)))
                .get(0)
                .logLikelihoodNats();
    }

    @Test
    void modelsSayWhatTheyAre() throws Exception {
        assertThat(ALL).allMatch(name -> engine.models().stream()
                .anyMatch(model -> model.name().equals(name) && model.serving() && model.steps() == 1));
        assertThat(engine.model(VAE, "").values()).isEqualTo(64);
        assertThat(engine.model(VAE, "").scored()).isEqualTo(Likelihood.LOWER_BOUND);
        assertThat(engine.model(VAE, "").drawn()).isEqualTo(Likelihood.NONE);
        assertThat(engine.model(TOKENS, "").scored()).isEqualTo(Likelihood.NONE);
        assertThat(engine.model(TinyBundle.NAME, "").scored()).isEqualTo(Likelihood.EXACT);
    }

    @Test
    void sampleOfTheGoldenSeedIsTheGoldenImage() throws Exception {
        for (String model : List.of(VAE, RGBA)) {
            Generation generation = TinyEngine.make(engine, TinyLatents.generate(model, 11, 1, 1));
            assertThat(TinyLatents.values(generation, 0)).isEqualTo(golden(model, "0.pixels"));
            ImageResult result = generation.images().get(0).result().orElseThrow();
            assertThat(result.sha256()).isEqualTo(Sha256.digest().digest(golden(model, "0.pixels")));
            assertThat(result.logLikelihoodNats()).isZero();
            assertThat(result.bitsPerDim()).isZero();
            assertThat(result.queueMicros()).isBetween(0L, result.totalMicros());
        }
    }

    @Test
    void imagesOfARequestDifferAndDoNotDependOnTheirNumber() throws Exception {
        Generation many = TinyEngine.make(engine, TinyLatents.generate(VAE, 3, 11, 1));
        Generation one = TinyEngine.make(engine, TinyLatents.generate(VAE, 3, 1, 1));
        assertThat(TinyLatents.values(many, 0)).isEqualTo(TinyLatents.values(one, 0));
        assertThat(TinyLatents.values(many, 10)).isNotEqualTo(TinyLatents.values(one, 0));
    }

    @Test
    void temperatureZeroDecodesTheMiddleOfTheLatentSpace() throws Exception {
        Generation generation = TinyEngine.make(engine, TinyLatents.generate(RGBA, 3, 1, 0));
        assertThat(TinyLatents.values(generation, 0))
                .isEqualTo(decode(RGBA, new Latent.Gaussian(new float[7], new float[0])).get(0));
    }

    @Test
    void latentsAreThoseOfTheGoldenImage() throws Exception {
        Latent.Tokens tokens = (Latent.Tokens) encode(TOKENS, golden(TOKENS, "0.pixels")).get(0);
        assertThat(Arrays.stream(tokens.codes()).boxed()).hasSize(12).allMatch(code -> code >= 0 && code < 16);
        float[] latent = ((Latent.Vector) encode(AUTOENCODER, golden(AUTOENCODER, "1.pixels")).get(0)).values();
        ByteBuffer stored = ByteBuffer.wrap(golden(AUTOENCODER, "1.latent"))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (float component : latent) {
            assertThat(component).isCloseTo(stored.getFloat(), within(1e-3f));
        }
        Latent.Gaussian gaussian = (Latent.Gaussian) encode(RGBA, golden(RGBA, "0.pixels")).get(0);
        assertThat(gaussian.mean()).hasSize(7);
        for (float variance : gaussian.variance()) {
            assertThat(variance).isPositive();
        }
    }

    @Test
    void codesOfTheGoldenSeedDecodeToTheGoldenImage() throws Exception {
        int[] codes = new int[12];
        for (int i = 0; i < 12; i++) {
            codes[i] = (int) Math.floor(16 * CounterRandom.uniform(11, 0, i, 0));
        }
        assertThat(decode(TOKENS, new Latent.Tokens(codes)).get(0)).isEqualTo(golden(TOKENS, "0.pixels"));
    }

    @Test
    void theBoundIsThatOfTheContract() throws Exception {
        byte[] image = TinyLatents.image(RGBA, 5, false);
        VerifiedBundle verified =
                BundleReader.read(TinyBundle.repository().resolve(RGBA).resolve("1"), 1 << 20);
        double[] weights = new double[3];
        try (LoadedLatentModel loaded = LoadedLatentModel.load(verified, Compute.cpu(1));
                LatentCodec codec = loaded.newCodec(1)) {
            codec.putImage(0, image, 0);
            codec.program(OneShotTask.Stage.ENCODE).run(1);
            GaussianPosterior posterior = codec.posterior(0);
            for (int draw = 0; draw < 3; draw++) {
                weights[draw] = codec.drawLatent(0, posterior, 77, 0, draw, 0);
                codec.program(OneShotTask.Stage.DECODE).run(1);
                weights[draw] += codec.logLikelihood(0, image);
            }
        }
        assertThat(bound(RGBA, image, 3, 77)).isEqualTo(GaussianPosterior.bound(weights));
    }

    @Test
    void moreImportanceSamplesTightenTheBound() throws Exception {
        byte[] image = TinyLatents.image(VAE, 5, true);
        double one = 0;
        double many = 0;
        for (int seed = 0; seed < 40; seed++) {
            one += bound(VAE, image, 1, seed) / 40;
            many += bound(VAE, image, 64, seed) / 40;
        }
        assertThat(many).isGreaterThan(one).isNegative();
        assertThat(bound(VAE, image, 1, 1)).isEqualTo(bound(VAE, image, 1, 1)).isNotEqualTo(bound(VAE, image, 1, 2));
    }

    @Test
    void interpolationBeginsAndEndsAtItsEnds() throws Exception {
        byte[] image = TinyLatents.image(RGBA, 8, false);
        Latent end = TinyLatents.latent(RGBA, 9);
        List<Interpolation.Frame> frames = TinyLatents.frames(engine.interpolate(
                TinyLatents.interpolate(RGBA, new ImageEnd(image), new LatentEnd(end), 33), () -> {}));
        assertThat(frames).extracting(Interpolation.Frame::index).hasSize(33).isSorted();
        assertThat(frames.get(0).values()).isEqualTo(decode(RGBA, encode(RGBA, image).get(0)).get(0));
        assertThat(frames.get(32).values()).isEqualTo(decode(RGBA, end).get(0));
        assertThat(frames.get(8).position()).isEqualTo(0.25f);
        assertThat(frames.get(16).values()).isNotEqualTo(frames.get(0).values()).isNotEqualTo(frames.get(32).values());
        List<Interpolation.Frame> back = TinyLatents.frames(engine.interpolate(
                TinyLatents.interpolate(RGBA, new LatentEnd(end), new ImageEnd(image), 2), () -> {}));
        assertThat(back.get(1).values()).isEqualTo(frames.get(0).values());
    }

    /** Everything at once, in random mixtures, against everything alone. */
    @Test
    void bytesAreTheSameInAnyBatch() throws Exception {
        Random random = new Random(1);
        List<Callable<Object>> alone = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            alone.add(work(ALL.get(i % 4), i / 4, 1000 + i));
        }
        List<Object> expected = new ArrayList<>();
        for (Callable<Object> each : alone) {
            expected.add(each.call());
        }
        for (int round = 0; round < 6; round++) {
            List<CompletableFuture<Object>> together = new ArrayList<>();
            List<Integer> which = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                int chosen = random.nextInt(alone.size());
                which.add(chosen);
                together.add(CompletableFuture.supplyAsync(() -> {
                    try {
                        return alone.get(chosen).call();
                    } catch (Exception failed) {
                        throw new AssertionError(failed);
                    }
                }));
            }
            for (int i = 0; i < 12; i++) {
                assertThat(TinyLatents.get(together.get(i)))
                        .usingRecursiveComparison()
                        .isEqualTo(expected.get(which.get(i)));
            }
        }
    }

    private static Callable<Object> work(String model, int kind, long seed) {
        return switch (model.equals(TOKENS) || model.equals(AUTOENCODER) ? kind % 2 : kind % 5) {
            case 0 -> () -> encode(model, TinyLatents.image(model, seed, false), TinyLatents.image(model, -seed, true));
            case 1 -> () -> decode(
                    model, TinyLatents.latent(model, seed), TinyLatents.latent(model, -seed),
                    TinyLatents.latent(model, 2 * seed));
            case 2 -> () -> {
                Generation made = TinyEngine.make(engine, TinyLatents.generate(model, seed, 5, 1));
                return made.images().stream().map(image -> TinyLatents.values(made, image.index())).toList();
            };
            case 3 -> () -> bound(model, TinyLatents.image(model, seed, true), 7, seed);
            default -> () -> TinyLatents.frames(engine.interpolate(
                    TinyLatents.interpolate(
                            model,
                            new ImageEnd(TinyLatents.image(model, seed, false)),
                            new LatentEnd(TinyLatents.latent(model, seed)),
                            13),
                    () -> {}));
        };
    }

    @Test
    void bytesAreTheSameWithTwoThreads() throws Exception {
        try (DecodingEngine two = TinyEngine.open(4, 200, 2)) {
            for (String model : List.of(VAE, RGBA)) {
                Generation here = TinyEngine.make(two, TinyLatents.generate(model, 5, 16, 1));
                Generation there = TinyEngine.make(engine, TinyLatents.generate(model, 5, 16, 1));
                for (int i = 0; i < 16; i++) {
                    assertThat(TinyLatents.values(here, i)).isEqualTo(TinyLatents.values(there, i));
                }
            }
        }
    }

    @Test
    void measurementsAreKeptPerGraphAndLeaveWithTheEngine() throws Exception {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        EngineConfig config = new EngineConfig(TinyBundle.repository(), 2, 30, 16, 1, 256L << 20);
        try (DecodingEngine measured = DecodingEngine.open(config, meters)) {
            TinyEngine.make(measured, TinyLatents.generate(VAE, 1, 16, 1));
            String[] tags = {"model", VAE, "version", "1", "graph", "decoder"};
            assertThat(meters.get("scanline.oneshot.batch.size").tags(tags).summary().totalAmount()).isEqualTo(16);
            assertThat(meters.get("scanline.oneshot.run").tags(tags).timer().count()).isPositive();
            assertThat(meters.get("scanline.oneshot.queue.depth").tags("model", VAE).gauge().value()).isZero();
        }
        assertThat(meters.getMeters()).isEmpty();
    }
}
