package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.contract.CounterRandom;
import io.scanline.contract.ImagePlanes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;

/**
 * What a golden sample says of encoder and decoder.
 *
 * @param latent what is decoded
 * @param picture what the decoder answers as "image", little-endian float32
 * @param levels the levels nearest to it; what is encoded
 * @param encoded what the encoder answers, little-endian; null without one
 */
record GoldenImage(Latent latent, byte[] picture, byte[] levels, byte[] encoded) {
    /** @throws ArithmeticException when a golden intensity is not finite */
    static GoldenImage of(Bundle bundle, GoldenSample sample, Map<String, byte[]> files) {
        byte[] encoded = files.get(sample.getLatent());
        byte[] pixels = files.get(sample.getPixels());
        if (LatentDescription.prior(bundle)) {
            byte[] picture = files.get(sample.getDecoded());
            FloatBuffer intensities = ByteBuffer.wrap(picture).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
            float[] planes = new float[intensities.remaining()];
            intensities.get(planes);
            return new GoldenImage(
                    Latent.Tokens.ofBytes(pixels),
                    picture,
                    new ImagePlanes(bundle.getGeometry()).toLevels(planes, 0),
                    encoded);
        }
        return new GoldenImage(drawn(bundle, sample), files.get(sample.getLogits()), pixels, encoded);
    }

    /** The latent that the seed of a sample means. */
    static Latent drawn(Bundle bundle, GoldenSample sample) {
        int size = LatentDescription.size(bundle);
        if (bundle.getLatent().getKind() == LatentKind.LATENT_KIND_TOKENS) {
            int[] codes = new int[size];
            for (int i = 0; i < size; i++) {
                double uniform = CounterRandom.uniform(sample.getSeed(), 0, i, 0);
                codes[i] = (int) (bundle.getLatent().getCodes() * uniform);
            }
            return new Latent.Tokens(codes);
        }
        return new Latent.Vector(LatentCodec.noise(sample.getSeed(), 0, sample.getTemperature(), size));
    }
}
