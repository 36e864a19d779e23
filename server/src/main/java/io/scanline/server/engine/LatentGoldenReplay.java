package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.bundle.v1.Observation;
import io.scanline.server.runtime.BatchProgram;
import io.scanline.server.runtime.Compute;
import io.scanline.server.runtime.GraphException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Replays the golden samples of a decoder and an encoder, if there is one: decodes the latent of a sample, encodes the golden
 * image, and compares what the graphs answer. On the CPU kind that made them all of it must be equal bit for
 * bit; elsewhere a stated tolerance holds.
 */
final class LatentGoldenReplay {
    /** Largest |sigmoid(logits) - image| of a Bernoulli decoder, whatever the CPU: both are float32 in [0, 1]. */
    private static final double SIGMOID_ROUNDING = 1e-5;

    private final LoadedLatentModel model;
    private final Bundle bundle;
    private final Compute compute;

    LatentGoldenReplay(LoadedLatentModel model, Compute compute) {
        this.model = model;
        this.compute = compute;
        this.bundle = model.bundle();
    }

    /** @throws EngineException BUNDLE_GOLDEN_MISMATCH, or BUNDLE_GRAPH_INVALID when a graph cannot run */
    void check(VerifiedBundle verified) throws EngineException {
        try (LatentCodec codec = model.newCodec(1)) {
            for (int i = 0; i < bundle.getGoldenSamplesCount(); i++) {
                GoldenSample sample = bundle.getGoldenSamples(i);
                Comparison comparison = new Comparison(i, sample, GoldenMachine.made(sample, compute));
                GoldenImage golden = golden(sample, comparison, verified);
                decode(codec, golden, comparison);
                if (codec.encodes()) {
                    encode(codec, golden, comparison);
                }
            }
        } catch (GraphException failed) {
            throw EngineException.caused(
                    Reason.BUNDLE_GRAPH_INVALID, "a graph does not run: " + failed.getMessage(), failed);
        }
    }

    private GoldenImage golden(GoldenSample sample, Comparison comparison, VerifiedBundle verified)
            throws EngineException {
        try {
            return GoldenImage.of(bundle, sample, verified.files());
        } catch (ArithmeticException notFinite) {
            throw comparison.mismatch("its golden image is none: " + notFinite.getMessage());
        }
    }

    private void decode(LatentCodec codec, GoldenImage golden, Comparison comparison)
            throws GraphException, EngineException {
        codec.putLatent(0, golden.latent(), comparison.sample().getLabel());
        BatchProgram decoder = codec.program(OneShotTask.Stage.DECODE);
        decoder.run(1);
        float[] image = decoder.floatOutput("image");
        comparison.floats("the decoder's image", image, golden.picture(), 0);
        byte[] levels = golden.levels();
        byte[] found = codec.image(0);
        for (int i = 0; i < levels.length; i++) {
            if ((levels[i] & 0xFF) >= bundle.getGeometry().getLevels()) {
                throw comparison.mismatch("value " + i + " is not a level");
            }
            if (comparison.exact() && levels[i] != found[i]) {
                throw comparison.mismatch("value " + i + " is " + (found[i] & 0xFF) + ", golden is "
                        + (levels[i] & 0xFF));
            }
        }
        if (bundle.getLatent().getObservation() == Observation.OBSERVATION_BERNOULLI) {
            float[] logits = decoder.floatOutput("logits");
            for (int i = 0; i < image.length; i++) {
                double sigmoid = 1 / (1 + StrictMath.exp(-logits[i]));
                if (!(Math.abs(sigmoid - image[i]) <= SIGMOID_ROUNDING)) {
                    throw comparison.mismatch("a mean intensity is " + image[i] + ", the sigmoid of its logit is "
                            + sigmoid);
                }
            }
        }
    }

    private void encode(LatentCodec codec, GoldenImage image, Comparison comparison)
            throws GraphException, EngineException {
        codec.putImage(0, image.levels(), comparison.sample().getLabel());
        BatchProgram encoder = codec.program(OneShotTask.Stage.ENCODE);
        encoder.run(1);
        byte[] golden = image.encoded();
        switch (bundle.getLatent().getKind()) {
            case LATENT_KIND_VECTOR -> comparison.floats("the latent", encoder.floatOutput("latent"), golden, 0);
            case LATENT_KIND_GAUSSIAN -> {
                comparison.floats("the mean", encoder.floatOutput("mean"), golden, 0);
                comparison.floats("the log variance", encoder.floatOutput("log_variance"), golden, codec.size());
            }
            default -> comparison.codes(encoder.longOutput("tokens"), golden, bundle.getLatent().getCodes());
        }
    }

    /** How what is found is held against one golden sample. */
    record Comparison(int index, GoldenSample sample, boolean exact) {
        void floats(String what, float[] found, byte[] golden, int from) throws EngineException {
            ByteBuffer values = ByteBuffer.wrap(golden).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < found.length; i++) {
                float wanted = values.getFloat((from + i) * Float.BYTES);
                if (!equal(found[i], wanted)) {
                    throw mismatch("number " + i + " of " + what + " is " + found[i] + ", golden is " + wanted
                            + rule());
                }
            }
        }

        /** Whether a number is near enough to the golden one. */
        boolean equal(float found, float golden) {
            return exact
                    ? Float.floatToRawIntBits(found) == Float.floatToRawIntBits(golden)
                    : Math.abs((double) found - golden)
                            <= sample.getAtol() + sample.getRtol() * Math.abs((double) golden);
        }

        /** Why a number is not. */
        String rule() {
            return exact ? " (this CPU kind must agree bit for bit)" : " (beyond atol + rtol * |golden|)";
        }

        /** Ids of a text, which are the same everywhere. */
        void ids(int[] found, byte[] golden) throws EngineException {
            ByteBuffer wanted = ByteBuffer.wrap(golden).order(ByteOrder.LITTLE_ENDIAN);
            if (golden.length != found.length * Integer.BYTES) {
                throw mismatch("its text has " + found.length + " tokens, golden are " + golden.length / Integer.BYTES);
            }
            for (int i = 0; i < found.length; i++) {
                if (found[i] != wanted.getInt(i * Integer.BYTES)) {
                    throw mismatch("token " + i + " of its text is " + found[i] + ", golden is "
                            + wanted.getInt(i * Integer.BYTES));
                }
            }
        }

        void codes(long[] found, byte[] golden, int codes) throws EngineException {
            ByteBuffer values = ByteBuffer.wrap(golden).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < found.length; i++) {
                if (found[i] < 0 || found[i] >= codes) {
                    throw mismatch("code " + i + " is " + found[i] + "; there are " + codes);
                }
                if (exact && found[i] != values.getInt(i * Integer.BYTES)) {
                    throw mismatch("code " + i + " is " + found[i] + ", golden is "
                            + values.getInt(i * Integer.BYTES));
                }
            }
        }

        EngineException mismatch(String how) {
            return EngineException.of(
                    Reason.BUNDLE_GOLDEN_MISMATCH, "golden sample " + index + " is not reproduced: " + how);
        }
    }
}
