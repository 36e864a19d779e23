package io.scanline.trainer.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.scanline.bundle.v1.Bundle;
import io.scanline.contract.CausalContext;
import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.training.Batch;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.ReferenceLogits;
import java.nio.LongBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Compares the four ways to compute the logits of an image: libtorch, the plain ONNX graph over all positions, the cached
 * ONNX graph over all positions at once, and the cached graph step by step.
 *
 * @param absolute allowed difference
 * @param relative allowed difference for every unit of the reference
 */
public record ParityCheck(double absolute, double relative) {
    /** What single precision and these depths can hold. */
    public static final ParityCheck DEFAULT = new ParityCheck(2e-4, 2e-4);

    /**
     * Largest differences from libtorch, as |difference| / (absolute + relative |reference|): at most 1 where parity holds.
     */
    public record Differences(double fullGraph, double cachedGraph, double cachedSteps) {
        /** The largest of the three. */
        public double largest() {
            return Math.max(fullGraph, Math.max(cachedGraph, cachedSteps));
        }

        /** For people. */
        public String text() {
            return String.format(
                    Locale.ROOT,
                    "share of the tolerated difference from libtorch: full graph %.3f, cached graph %.3f, cached steps %.3f",
                    fullGraph,
                    cachedGraph,
                    cachedSteps);
        }
    }

    /**
     * Compares on one image.
     *
     * @param parameters rounded as the graphs store them
     * @param full bytes of the plain graph
     * @param cached bytes of the cached graph, which the bundle describes
     * @throws IllegalStateException when a difference is too large
     */
    public Differences check(
            AutoregressiveNetwork network,
            Parameters parameters,
            Bundle bundle,
            byte[] full,
            byte[] cached,
            byte[] image,
            int label)
            throws OrtException {
        float[] reference = ReferenceLogits.of(network, parameters, image, label);
        int values = image.length;
        List<byte[]> images = List.of(image);
        int[] labels = {label};
        Differences differences;
        try (StepSession session = new StepSession(bundle, cached, 1)) {
            double cachedGraph = difference(reference, session.logits(images, labels, 0, values));
            float[] steps = new float[reference.length];
            int levels = reference.length / values;
            for (int i = 0; i < values; i++) {
                System.arraycopy(session.logits(images, labels, i, 1), 0, steps, i * levels, levels);
            }
            differences = new Differences(
                    difference(reference, plain(network, full, image, label)), cachedGraph, difference(reference, steps));
        }
        if (!(differences.largest() <= 1)) { // also when it is not a number
            throw new IllegalStateException("the exported graphs do not compute what was trained; " + differences.text());
        }
        return differences;
    }

    private double difference(float[] reference, float[] other) {
        double largest = 0;
        for (int i = 0; i < reference.length; i++) {
            double difference = Math.abs((double) reference[i] - other[i]);
            double scaled = difference / (absolute + relative * Math.abs(reference[i]));
            largest = scaled <= largest ? largest : scaled; // lets NaN through
        }
        return largest;
    }

    private static float[] plain(AutoregressiveNetwork network, byte[] onnx, byte[] image, int label)
            throws OrtException {
        CausalContext context = Batch.context(network);
        int values = image.length;
        long[] shown = new long[values * context.size()];
        long[] positions = new long[values];
        for (int i = 0; i < values; i++) {
            context.gather(image, i, shown, i * context.size());
            positions[i] = i;
        }
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(onnx);
                OnnxTensor contextTensor = OnnxTensor.createTensor(
                        environment, LongBuffer.wrap(shown), new long[] {1, values, context.size()});
                OnnxTensor position =
                        OnnxTensor.createTensor(environment, LongBuffer.wrap(positions), new long[] {1, values});
                OnnxTensor labelTensor =
                        OnnxTensor.createTensor(environment, LongBuffer.wrap(new long[] {label}), new long[] {1});
                OrtSession.Result result =
                        session.run(Map.of("context", contextTensor, "position", position, "label", labelTensor))) {
            float[] numbers = new float[values * network.shape().levels()];
            ((OnnxTensor) result.get(0)).getFloatBuffer().get(numbers);
            return numbers;
        }
    }
}
