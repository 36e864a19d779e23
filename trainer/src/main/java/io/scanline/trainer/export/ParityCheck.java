package io.scanline.trainer.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.scanline.bundle.v1.Offset;
import io.scanline.contract.CausalContext;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.training.Batch;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.ReferenceLogits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Compares the ways to compute the logits of an image: libtorch, the plain ONNX graph over all positions, the cached
 * ONNX graph over all positions at once where it takes several, and the cached graph step by step.
 *
 * @param absolute allowed difference
 * @param relative allowed difference for every unit of the reference
 */
public record ParityCheck(double absolute, double relative) {
    /** What single precision and these depths can hold. */
    public static final ParityCheck DEFAULT = new ParityCheck(2e-4, 2e-4);

    private static final int IMAGES = 3;

    /**
     * Largest differences from libtorch, as |difference| / (absolute + relative |reference|): at most 1 where parity
     * holds.
     */
    public record Differences(double fullGraph, OptionalDouble cachedGraph, double cachedSteps) {
        /** The largest of them. */
        public double largest() {
            return Math.max(fullGraph, Math.max(cachedGraph.orElse(0), cachedSteps));
        }

        /** For people. */
        public String text() {
            String several = cachedGraph.isPresent()
                    ? String.format(Locale.ROOT, "cached graph %.3f, ", cachedGraph.getAsDouble())
                    : "";
            return String.format(
                    Locale.ROOT,
                    "share of the tolerated difference from libtorch: full graph %.3f, %scached steps %.3f",
                    fullGraph,
                    several,
                    cachedSteps);
        }
    }

    /**
     * Compares on the first images.
     *
     * @param parameters rounded as the graphs store them
     * @param cached the bundle with its cached graphs
     * @param report told in words what was found
     * @throws IllegalStateException when a difference is too large
     */
    void check(
            AutoregressiveNetwork network,
            Parameters parameters,
            StoredBundle cached,
            ImageSet images,
            Consumer<String> report)
            throws OrtException {
        check(network, parameters, cached, Conditions.NONE, images, report);
    }

    /** The same with what the steps are shown of the images of every label. */
    void check(
            AutoregressiveNetwork network,
            Parameters parameters,
            StoredBundle cached,
            Conditions conditions,
            ImageSet images,
            Consumer<String> report)
            throws OrtException {
        byte[] full = StepGraph.full(network, parameters.values()).toByteArray();
        for (int n = 0; n < Math.min(IMAGES, images.size()); n++) {
            report.accept(check(network, parameters, full, cached, conditions, images.image(n), images.labels()[n])
                    .text());
        }
    }

    /**
     * Compares on one image.
     *
     * @param parameters rounded as the graphs store them
     * @param full bytes of the plain graph
     * @param cached the bundle with its cached graphs
     * @throws IllegalStateException when a difference is too large
     */
    public Differences check(
            AutoregressiveNetwork network,
            Parameters parameters,
            byte[] full,
            StoredBundle cached,
            byte[] image,
            int label)
            throws OrtException {
        return check(network, parameters, full, cached, Conditions.NONE, image, label);
    }

    private Differences check(
            AutoregressiveNetwork network,
            Parameters parameters,
            byte[] full,
            StoredBundle cached,
            Conditions conditions,
            byte[] image,
            int label)
            throws OrtException {
        float[] condition = conditions.of(label);
        float[] reference = ReferenceLogits.of(network, parameters, image, label, condition);
        int values = image.length;
        List<byte[]> images = List.of(image);
        int[] labels = {label};
        Differences differences;
        try (StepSession session = new StepSession(cached, 1, conditions)) {
            OptionalDouble cachedGraph = session.takesSeveral()
                    ? OptionalDouble.of(difference(reference, session.logits(images, labels, 0, values)))
                    : OptionalDouble.empty();
            double steps = difference(reference, session.stepLogits(images, labels));
            double whole = difference(reference, plain(network, full, image, label, condition));
            differences = new Differences(whole, cachedGraph, steps);
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

    private static float[] plain(
            AutoregressiveNetwork network, byte[] onnx, byte[] image, int label, float... condition)
            throws OrtException {
        int values = image.length;
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        List<HostTensor> inputs = new ArrayList<>();
        Map<String, OnnxTensor> fed = new HashMap<>();
        try (OrtSession session = environment.createSession(onnx)) {
            for (String name : session.getInputNames()) {
                HostTensor tensor = switch (name) {
                    case "context" -> shown(network, network.context(), image);
                    case "context_above" -> shown(network, network.rowsAbove().orElseThrow().context(), image);
                    case "position" -> longs(IntStream.range(0, values).asLongStream().toArray(), 1, values);
                    case "label" -> longs(new long[] {label}, 1);
                    case StepGraph.CONDITION -> floats(condition);
                    default -> throw new IllegalStateException("nothing is known to feed as " + name);
                };
                inputs.add(tensor);
                fed.put(name, tensor.tensor());
            }
            try (OrtSession.Result result = session.run(fed)) {
                float[] numbers = new float[values * network.shape().levels()];
                ((OnnxTensor) result.get(0)).getFloatBuffer().get(numbers);
                return numbers;
            }
        } finally {
            inputs.forEach(HostTensor::close);
        }
    }

    private static HostTensor shown(AutoregressiveNetwork network, List<Offset> offsets, byte[] image)
            throws OrtException {
        CausalContext context = Batch.context(network.shape(), offsets);
        long[] shown = new long[image.length * context.size()];
        for (int i = 0; i < image.length; i++) {
            context.gather(image, i, shown, i * context.size());
        }
        return longs(shown, 1, image.length, context.size());
    }

    private static HostTensor floats(float... values) throws OrtException {
        HostTensor tensor = HostTensor.ofFloats(1, values.length);
        tensor.floats().put(values);
        return tensor;
    }

    private static HostTensor longs(long[] values, long... shape) throws OrtException {
        HostTensor tensor = HostTensor.ofLongs(shape);
        tensor.longs().put(values);
        return tensor;
    }
}
