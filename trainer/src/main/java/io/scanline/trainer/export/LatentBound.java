package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Observation;
import io.scanline.contract.GaussianPosterior;
import io.scanline.contract.ObservationLikelihood;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The bound on -log p(x) with k latents (Burda, Grosse and Salakhutdinov 2016, Eq. 8); with one, the evidence lower
 * bound.
 *
 * @param latents k
 */
record LatentBound(int latents) implements ImageSums.Measure {
    private static final long SEED = 1;
    /** Latents decoded at once, so that k does not decide the memory. */
    private static final int CHUNK = 100;

    /** Adds the bounds of images, in nats. */
    @Override
    public void add(LatentSession session, List<byte[]> images, int first, double[] sums) throws OrtException {
        int size = session.size();
        Map<String, float[]> encoded = session.encode(images);
        ObservationLikelihood likelihood =
                new ObservationLikelihood(session.bundle().getGeometry());
        for (int n = 0; n < images.size(); n++) {
            GaussianPosterior posterior = new GaussianPosterior(
                    Arrays.copyOfRange(encoded.get("mean"), n * size, (n + 1) * size),
                    Arrays.copyOfRange(encoded.get("log_variance"), n * size, (n + 1) * size));
            double[] weights = new double[latents];
            for (int begin = 0; begin < latents; begin += CHUNK) {
                int count = Math.min(CHUNK, latents - begin);
                float[] drawn = new float[count * size];
                for (int i = 0; i < count; i++) {
                    weights[begin + i] = posterior.draw(SEED, first + n, begin + i, drawn, i * size);
                }
                Map<String, float[]> decoded = session.decode(drawn);
                for (int i = 0; i < count; i++) {
                    weights[begin + i] += given(session, likelihood, images.get(n), decoded, i);
                }
            }
            sums[0] -= GaussianPosterior.bound(weights);
        }
    }

    /** log p(x|z) of the i-th decoded latent. */
    private static double given(
            LatentSession session,
            ObservationLikelihood likelihood,
            byte[] image,
            Map<String, float[]> decoded,
            int i) {
        int at = i * image.length;
        return session.bundle().getLatent().getObservation() == Observation.OBSERVATION_BERNOULLI
                ? likelihood.bernoulli(image, decoded.get("logits"), at)
                : likelihood.gaussian(image, decoded.get("image"), decoded.get("log_deviation"), at);
    }
}
