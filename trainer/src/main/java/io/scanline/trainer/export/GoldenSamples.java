package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.contract.CounterRandom;
import io.scanline.contract.CpuKind;
import io.scanline.contract.LevelSampler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Samples that a server must reproduce, made step by step, or chunk by chunk, by the bundle's own graph. */
final class GoldenSamples {
    private static final int SAMPLES = 3;
    private static final int MOST_STEPS = 256;
    // Sums of other kernels differ by rounding; a wrong graph, weight or cache differs by far more.
    private static final double TOLERANCE = 1e-3;
    // In 8-bit integers such a difference may end in another whole number, and with many of these logits differ by up to as much
    // as they do from those in fp32.
    private static final double WHOLE_TOLERANCE = 0.5;
    private static final double WHOLE_RELATIVE_TOLERANCE = 0.1;

    // In 16-bit floats sums of other kernels differ by as much as these round.
    private static final double HALF_TOLERANCE = 0.02;

    /** Where they are in a bundle. */
    static final String DIRECTORY = "golden/";

    private GoldenSamples() {}

    /** Draws samples of different classes and writes their values and logits under {@code golden/} of a directory. */
    static List<GoldenSample> write(StoredBundle stored, Path directory) throws IOException, OrtException {
        return write(stored, MOST_STEPS, directory);
    }

    /** The same with this many values of a sample, or all if it has fewer. */
    static List<GoldenSample> write(StoredBundle stored, int most, Path directory) throws IOException, OrtException {
        return write(stored, most, Conditions.NONE, directory);
    }

    /** The same with what the steps are shown of sample n, as label n; no more samples than that. */
    static List<GoldenSample> write(StoredBundle stored, int most, Conditions conditions, Path directory)
            throws IOException, OrtException {
        Bundle bundle = stored.bundle();
        Files.createDirectories(directory.resolve("golden"));
        boolean halves = stored.graph(StepGraph.ROLE).isEmpty();
        String variant = stored.required(halves ? ChunkGraph.ROLE : StepGraph.ROLE).getVariant();
        boolean whole = variant.equals(Int8Graph.VARIANT);
        String stem = DIRECTORY + (whole || halves ? variant + "-" : "");
        boolean shown = !conditions.vectors().isEmpty();
        int classes = Math.max(1, bundle.getConditioning().getClassNamesCount());
        List<GoldenSample> samples = new ArrayList<>();
        for (int n = 0; n < (shown ? Math.min(SAMPLES, conditions.vectors().size()) : SAMPLES); n++) {
            samples.add(GoldenSample.newBuilder()
                    .setLabel(n * classes / SAMPLES)
                    .setSeed(1000 + n)
                    .setTemperature(1)
                    .setSteps(Math.min(most, bundle.getAutoregression().getSteps()))
                    .setPixels(stem + n + ".pixels")
                    .setLogits(stem + n + ".logits")
                    .setCpuKind(CpuKind.current())
                    .setAtol(whole ? WHOLE_TOLERANCE : halves ? HALF_TOLERANCE : TOLERANCE)
                    .setRtol(whole ? WHOLE_RELATIVE_TOLERANCE : halves ? HALF_TOLERANCE : TOLERANCE)
                    .setVariant(whole || halves ? variant : "")
                    .build());
        }
        if (halves) {
            chunks(stored, conditions, samples, directory);
        } else {
            steps(stored, conditions, samples, directory);
        }
        return samples;
    }

    /** What steps are shown of the n-th sample. */
    private static int label(Conditions conditions, GoldenSample sample, int n) {
        return conditions.vectors().isEmpty() ? sample.getLabel() : n;
    }

    private static void steps(StoredBundle stored, Conditions conditions, List<GoldenSample> samples, Path directory)
            throws IOException, OrtException {
        try (StepSession session = new StepSession(stored, 1, conditions)) {
            for (int n = 0; n < samples.size(); n++) {
                draw(stored.bundle(), session, samples.get(n), label(conditions, samples.get(n), n), directory);
            }
        }
    }

    private static void chunks(StoredBundle stored, Conditions conditions, List<GoldenSample> samples, Path directory)
            throws IOException, OrtException {
        try (ChunkSession session = new ChunkSession(stored, 1, conditions)) {
            ChunkSampler sampler = new ChunkSampler(stored.bundle(), session, ChunkSampler.POSITIONS);
            for (int n = 0; n < samples.size(); n++) {
                GoldenSample sample = samples.get(n);
                ChunkSampler.Image image = sampler.draw(
                        label(conditions, sample, n), sample.getSeed(), sample.getSteps(), sample.getTemperature());
                ByteBuffer nats =
                        ByteBuffer.allocate(sample.getSteps() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                nats.asFloatBuffer().put(image.logProbabilities());
                Files.write(directory.resolve(sample.getPixels()), image.values());
                Files.write(directory.resolve(sample.getLogits()), nats.array());
            }
        }
    }

    private static void draw(Bundle bundle, StepSession session, GoldenSample sample, int label, Path directory)
            throws IOException, OrtException {
        int levels = bundle.getGeometry().getLevels();
        int channels = bundle.getGeometry().getChannels();
        byte[] image = new byte[bundle.getAutoregression().getSteps()];
        ByteBuffer allLogits = ByteBuffer.allocate(sample.getSteps() * levels * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        LevelSampler sampler = new LevelSampler(levels);
        int[] labels = {label};
        for (int i = 0; i < sample.getSteps(); i++) {
            float[] logits = session.logits(List.of(image), labels, i, 1);
            for (float logit : logits) {
                allLogits.putFloat(logit);
            }
            double uniform = CounterRandom.uniform(sample.getSeed(), 0, i / channels, i % channels);
            image[i] = (byte) sampler.draw(logits, 0, sample.getTemperature(), 0, 1, uniform);
        }
        Files.write(directory.resolve(sample.getPixels()), Arrays.copyOf(image, sample.getSteps()));
        Files.write(directory.resolve(sample.getLogits()), allLogits.array());
    }
}
