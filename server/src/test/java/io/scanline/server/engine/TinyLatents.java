package io.scanline.server.engine;

import io.scanline.server.engine.InterpolationRequest.End;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Requests to the test bundles with a latent space. Their weights are random. */
final class TinyLatents {
    /** 8 x 8, 5 levels, 3 classes, 5 normal components, Bernoulli. */
    static final String VAE = "tiny-vae";
    /** 6 x 6 RGBA, 256 levels, 7 normal components, Gaussian. */
    static final String RGBA = "tiny-vae-rgba";
    /** 6 x 8 RGB, 256 levels, 4 x 3 codes of 16. */
    static final String TOKENS = "tiny-tokens";
    /** 6 x 6 RGBA, 256 levels, 3 classes, 5 normal components; no encoder. */
    static final String GENERATOR = "tiny-generator";
    /** 6 x 6, 16 levels, 4 components. */
    static final String AUTOENCODER = "tiny-autoencoder";

    static final List<String> ALL = List.of(VAE, RGBA, TOKENS, AUTOENCODER);

    private TinyLatents() {}

    static ClassSelector label(String model) {
        return model.equals(VAE) ? new ClassSelector(OptionalInt.of(1), "") : ClassSelector.NONE;
    }

    static GenerationRequest generate(String model, long seed, int count, float temperature) {
        return new GenerationRequest(
                model, "", label(model), OptionalLong.of(seed), count, new SamplingOptions(temperature, 0, 1),
                new byte[0], Long.MAX_VALUE);
    }

    static EncodeRequest encode(String model, List<byte[]> images) {
        return new EncodeRequest(model, "", label(model), images, Long.MAX_VALUE);
    }

    static DecodeRequest decode(String model, List<Latent> latents) {
        return new DecodeRequest(model, "", label(model), latents, Long.MAX_VALUE);
    }

    static ScoreRequest score(String model, List<byte[]> images, int samples, long seed) {
        return new ScoreRequest(
                model, "", label(model), images, false, OptionalInt.of(samples), seed, Long.MAX_VALUE);
    }

    static InterpolationRequest interpolate(String model, End from, End to, int frames) {
        return new InterpolationRequest(
                model, "", label(model), from, to, frames, LatentPath.SPHERICAL, Long.MAX_VALUE);
    }

    /** Images of random levels; of the two extreme ones when asked. */
    static byte[] image(String model, long seed, boolean extreme) {
        int levels = model.equals(VAE) ? 5 : model.equals(AUTOENCODER) ? 16 : 256;
        int values = model.equals(VAE) ? 64 : model.equals(AUTOENCODER) ? 36 : 144;
        Random random = new Random(seed);
        byte[] image = new byte[values];
        for (int i = 0; i < values; i++) {
            image[i] = (byte) (extreme ? (levels - 1) * random.nextInt(2) : random.nextInt(levels));
        }
        return image;
    }

    /** A latent of random components. */
    static Latent latent(String model, long seed) {
        Random random = new Random(seed);
        if (model.equals(TOKENS)) {
            return new Latent.Tokens(random.ints(12, 0, 16).toArray());
        }
        float[] values = new float[model.equals(VAE) ? 5 : model.equals(RGBA) ? 7 : 4];
        for (int d = 0; d < values.length; d++) {
            values[d] = (float) random.nextGaussian();
        }
        return model.equals(AUTOENCODER) ? new Latent.Vector(values) : new Latent.Gaussian(values, new float[0]);
    }

    static <T> T get(CompletableFuture<T> answer) throws EngineException {
        try {
            return answer.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof EngineException known) {
                throw known;
            }
            throw new AssertionError(failed);
        } catch (InterruptedException | TimeoutException late) {
            throw new AssertionError(late);
        }
    }

    static byte[] values(Generation generation, int image) {
        ImageProgress progress = generation.images().get(image);
        return progress.values(0, progress.decided());
    }

    /** Takes all frames. */
    static List<Interpolation.Frame> frames(Interpolation interpolation) {
        List<Interpolation.Frame> frames = new ArrayList<>();
        Await.until("all frames were taken", () -> {
            interpolation.poll().ifPresent(frames::add);
            return interpolation.delivered() || interpolation.failure().isPresent();
        });
        return frames;
    }
}
