package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.Observation;
import io.scanline.contract.CounterRandom;
import io.scanline.contract.GaussianPosterior;
import io.scanline.contract.ImagePlanes;
import io.scanline.contract.ObservationLikelihood;
import io.scanline.server.runtime.BatchGraph;
import io.scanline.server.runtime.BatchProgram;
import io.scanline.server.runtime.GraphException;
import java.util.Arrays;

/**
 * Encoder and decoder of one model in the words of the model: images, latents, likelihoods. Slots 0 to n - 1 are
 * filled, the graph is run with a batch of n, and the slots are read. To be used by one thread at a time.
 */
final class LatentCodec implements OneShotCodec, Releasable {
    private final LatentKind kind;
    private final Observation observation;
    private final int size;
    private final ImagePlanes planes;
    private final ObservationLikelihood likelihood;
    private BatchProgram encoder;
    private BatchProgram decoder;

    LatentCodec(Bundle bundle) {
        this.kind = bundle.getLatent().getKind();
        this.observation = bundle.getLatent().getObservation();
        this.size = LatentDescription.size(bundle);
        this.planes = new ImagePlanes(bundle.getGeometry());
        this.likelihood = new ObservationLikelihood(bundle.getGeometry());
    }

    /** @param encoderGraph null when the model has none */
    void open(BatchGraph encoderGraph, BatchGraph decoderGraph, int largest) throws GraphException {
        if (encoderGraph != null) {
            encoder = encoderGraph.newProgram(largest);
        }
        decoder = decoderGraph.newProgram(largest);
    }

    /** Components of a latent. */
    int size() {
        return size;
    }

    /** Whether there is an encoder; without one nothing is put that it would read. */
    boolean encodes() {
        return encoder != null;
    }

    @Override
    public BatchProgram program(OneShotTask.Stage stage) {
        return stage == OneShotTask.Stage.ENCODE ? encoder : decoder;
    }

    void putImage(int slot, byte[] image, int label) {
        planes.fromLevels(image, encoder.floatInput("image"), slot * planes.values());
        putLabel(encoder, slot, label);
    }

    /** @param latent a vector, or the latent that a normal distribution stands for */
    void putLatent(int slot, float[] latent, int label) {
        System.arraycopy(latent, 0, decoder.floatInput("latent"), slot * size, size);
        putLabel(decoder, slot, label);
    }

    void putCodes(int slot, int[] codes, int label) {
        for (int i = 0; i < size; i++) {
            decoder.longInput("tokens")[slot * size + i] = codes[i];
        }
        putLabel(decoder, slot, label);
    }

    void putLatent(int slot, Latent latent, int label) {
        if (latent instanceof Latent.Tokens tokens) {
            putCodes(slot, tokens.codes(), label);
        } else if (latent instanceof Latent.Gaussian gaussian) {
            putLatent(slot, gaussian.mean(), label);
        } else if (latent instanceof Latent.Vector vector) {
            putLatent(slot, vector.values(), label);
        }
    }

    /** The latent that a model draws images from: temperature times standard normal noise. */
    static float[] noise(long seed, int imageIndex, float temperature, int size) {
        float[] latent = new float[size];
        for (int d = 0; d < size; d++) {
            latent[d] = (float) (temperature * CounterRandom.normal(seed, imageIndex, d, 0));
        }
        return latent;
    }

    /** Draws a latent into a slot; log p(z) - log q(z|x) of it. */
    double drawLatent(int slot, GaussianPosterior posterior, long seed, int imageIndex, int draw, int label) {
        putLabel(decoder, slot, label);
        return posterior.draw(seed, imageIndex, draw, decoder.floatInput("latent"), slot * size);
    }

    private static void putLabel(BatchProgram program, int slot, int label) {
        long[] labels = program.longInput("label");
        if (labels != null) {
            labels[slot] = label;
        }
    }

    /** What the encoder answered. */
    Latent latent(int slot) throws GraphException {
        if (kind == LatentKind.LATENT_KIND_TOKENS) {
            return new Latent.Tokens(codes(slot));
        }
        if (kind == LatentKind.LATENT_KIND_VECTOR) {
            return new Latent.Vector(finite(encoder.floatOutput("latent"), slot));
        }
        GaussianPosterior posterior = posterior(slot);
        float[] variance = new float[size];
        for (int d = 0; d < size; d++) {
            double exact = StrictMath.exp(posterior.logVariance()[d]);
            variance[d] = (float) Math.min(Float.MAX_VALUE, Math.max(Float.MIN_VALUE, exact));
        }
        return new Latent.Gaussian(posterior.mean(), variance);
    }

    /** What the encoder answered, by which latents are drawn. */
    GaussianPosterior posterior(int slot) throws GraphException {
        return new GaussianPosterior(
                finite(encoder.floatOutput("mean"), slot), finite(encoder.floatOutput("log_variance"), slot));
    }

    private int[] codes(int slot) {
        return Arrays.stream(encoder.longOutput("tokens"), slot * size, (slot + 1) * size)
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    private float[] finite(float[] outputs, int slot) throws GraphException {
        float[] values = Arrays.copyOfRange(outputs, slot * size, (slot + 1) * size);
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new GraphException("the encoder answered with numbers that are not finite");
            }
        }
        return values;
    }

    /** What the decoder answered: the levels nearest to the mean intensities. */
    byte[] image(int slot) throws GraphException {
        try {
            return planes.toLevels(decoder.floatOutput("image"), slot * planes.values());
        } catch (ArithmeticException notFinite) {
            throw new GraphException("the decoder answered with numbers that are not finite", notFinite);
        }
    }

    /** log p(x|z) of an image under what the decoder answered, in nats. */
    double logLikelihood(int slot, byte[] image) throws GraphException {
        int at = slot * planes.values();
        double found = observation == Observation.OBSERVATION_BERNOULLI
                ? likelihood.bernoulli(image, decoder.floatOutput("logits"), at)
                : likelihood.gaussian(image, decoder.floatOutput("image"), decoder.floatOutput("log_deviation"), at);
        if (Double.isNaN(found)) {
            throw new GraphException("the decoder answered with numbers that are not finite");
        }
        return found;
    }

    @Override
    public void close() {
        if (encoder != null) {
            encoder.close();
        }
        if (decoder != null) {
            decoder.close();
        }
    }
}
