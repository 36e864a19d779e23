package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.ImageGenerator;
import io.scanline.trainer.models.LatentNetwork;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.ReferenceLatents;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Compares what libtorch and ONNX Runtime compute of images and their latents.
 *
 * @param absolute allowed difference
 * @param relative allowed difference for every unit of the reference
 * @param tokens allowed share of tokens that differ: where two codes are equally near, rounding decides
 */
record LatentParity(double absolute, double relative, double tokens) {
    /** What single precision and these depths can hold. */
    static final LatentParity DEFAULT = new LatentParity(2e-4, 2e-4, 0.01);

    /**
     * Compares on some images.
     *
     * @param parameters rounded as the graphs store them
     * @return in words what was found
     * @throws IllegalStateException when a difference is too large
     */
    String check(LatentNetwork network, Parameters parameters, LatentSession session, ImageSet images)
            throws OrtException {
        List<byte[]> values = IntStream.range(0, images.size()).mapToObj(images::image).toList();
        Map<String, float[]> reference = ReferenceLatents.encode(network, parameters, images);
        double encoder = largest(reference, session.encode(values));
        float[] latents = session.latents(reference);
        double decoder = largest(ReferenceLatents.decode(network, parameters, latents), session.decode(latents));
        String text = String.format(
                Locale.ROOT,
                "share of the tolerated difference from libtorch: encoder %.3f, decoder %.3f",
                encoder,
                decoder);
        if (!(Math.max(encoder, decoder) <= 1)) { // also when it is not a number
            throw new IllegalStateException("the exported graphs do not compute what was trained; " + text);
        }
        return text;
    }

    /**
     * Compares what a generator draws.
     *
     * @param images drawn, of all classes in turn
     * @throws IllegalStateException when a difference is too large
     */
    String check(ImageGenerator network, Parameters parameters, LatentSession session, int images)
            throws OrtException {
        float[] latents = new float[images * session.size()];
        long[] labels = new long[images];
        for (int n = 0; n < images; n++) {
            System.arraycopy(session.draw(1, n, 1), 0, latents, n * session.size(), session.size());
            labels[n] = session.classes().isEmpty() ? 0 : n % session.classes().size();
        }
        double decoder = largest(
                ReferenceLatents.draw(network, parameters, latents, labels), session.decode(latents, labels));
        String text = String.format(
                Locale.ROOT, "share of the tolerated difference from libtorch: decoder %.3f", decoder);
        if (!(decoder <= 1)) {
            throw new IllegalStateException("the exported graph does not compute what was trained; " + text);
        }
        return text;
    }

    /** Over all outputs. */
    private double largest(Map<String, float[]> reference, Map<String, float[]> other) {
        if (!reference.keySet().equals(other.keySet())) {
            throw new IllegalStateException("outputs " + other.keySet() + " in place of " + reference.keySet());
        }
        double largest = 0;
        for (Map.Entry<String, float[]> output : reference.entrySet()) {
            float[] computed = other.get(output.getKey());
            double difference = output.getKey().equals("tokens")
                    ? unequal(output.getValue(), computed) / tokens
                    : new Difference(absolute, relative).largest(output.getValue(), computed);
            largest = difference <= largest ? largest : difference; // lets NaN through
        }
        return largest;
    }

    private static double unequal(float[] reference, float[] other) {
        return IntStream.range(0, reference.length).filter(i -> reference[i] != other[i]).count()
                / (double) reference.length;
    }
}
