package io.scanline.trainer.export;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.contract.CausalContext;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a bundle's step graph over a batch of images that grow in step: all at the same position. One thread; not safe for
 * use by several.
 */
public final class StepSession implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final Bundle bundle;
    private final Map<String, String> tensors;
    private final CausalContext context;
    private final int batch;
    private final Map<String, OnnxTensor> past = new HashMap<>();
    private final Map<String, OnnxTensor> present = new HashMap<>();

    /** A session of a bundle's step graph, given as the bytes of its ONNX file, for this many images at a time. */
    public StepSession(Bundle bundle, byte[] onnx, int batch) throws OrtException {
        this.bundle = bundle;
        this.batch = batch;
        this.context = new CausalContext(bundle.getGeometry(), bundle.getAutoregression());
        Graph step = step(bundle);
        this.tensors = step.getTensorsMap();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            session = environment.createSession(onnx, options);
        }
        KeyValueCache cache = step.getState().getKeyValueCache();
        long[] shape = {batch, cache.getHeads(), cache.getPositions(), cache.getHeadSize()};
        int bytes = Math.toIntExact(Arrays.stream(shape).reduce(Float.BYTES, Math::multiplyExact));
        for (int layer = 0; layer < cache.getLayers(); layer++) {
            for (String kind : List.of("key", "value")) {
                OnnxTensor tensor = OnnxTensor.createTensor(
                        environment,
                        ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder()),
                        shape,
                        OnnxJavaType.FLOAT);
                past.put(tensors.get("past_" + kind + "." + layer), tensor);
                present.put(tensors.get("present_" + kind + "." + layer), tensor); // updated in place
            }
        }
    }

    /** The step graph that a bundle describes. */
    static Graph step(Bundle bundle) {
        return bundle.getGraphsList().stream()
                .filter(graph -> graph.getRole().equals("step"))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the bundle has no step graph"));
    }

    /**
     * Logits of consecutive values of every image, those before them having been run before.
     *
     * @param images values so far; those up to the last but one of these positions are read
     * @param first index of the first value; 0 starts new images
     * @param count number of values
     * @return (batch, count, levels)
     */
    public float[] logits(List<byte[]> images, int[] labels, int first, int count) throws OrtException {
        int shown = context.size();
        long[] contexts = new long[batch * count * shown];
        long[] positions = new long[batch * count];
        long[] classes = new long[batch];
        int[] seqlens = new int[batch];
        for (int n = 0; n < batch; n++) {
            classes[n] = labels[n];
            seqlens[n] = first + count - 1;
            for (int i = 0; i < count; i++) {
                context.gather(images.get(n), first + i, contexts, (n * count + i) * shown);
                positions[n * count + i] = first + i;
            }
        }
        float[] logits = new float[batch * count * bundle.getGeometry().getLevels()];
        ByteBuffer output =
                ByteBuffer.allocateDirect(logits.length * Float.BYTES).order(ByteOrder.nativeOrder());
        try (OnnxTensor contextTensor = tensor(contexts, batch, count, shown);
                OnnxTensor position = tensor(positions, batch, count);
                OnnxTensor label = tensor(classes, batch);
                OnnxTensor seqlen = OnnxTensor.createTensor(environment, IntBuffer.wrap(seqlens), new long[] {batch});
                OnnxTensor total =
                        OnnxTensor.createTensor(environment, IntBuffer.wrap(new int[] {first + count}), new long[0]);
                OnnxTensor result = OnnxTensor.createTensor(
                        environment,
                        output,
                        new long[] {batch, count, bundle.getGeometry().getLevels()},
                        OnnxJavaType.FLOAT)) {
            Map<String, OnnxTensor> inputs = new HashMap<>(past);
            inputs.put(tensors.get("context"), contextTensor);
            inputs.put(tensors.get("position"), position);
            if (tensors.containsKey("label")) {
                inputs.put(tensors.get("label"), label);
            }
            inputs.put(tensors.get("seqlens"), seqlen);
            inputs.put(tensors.get("total"), total);
            Map<String, OnnxTensor> outputs = new HashMap<>(present);
            outputs.put(tensors.get("logits"), result);
            session.run(inputs, outputs).close();
            output.asFloatBuffer().get(logits);
        }
        return logits;
    }

    /** Images of a call of {@link #logits}. */
    public int batch() {
        return batch;
    }

    private OnnxTensor tensor(long[] values, long... shape) throws OrtException {
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape);
    }

    @Override
    public void close() throws OrtException {
        past.values().forEach(OnnxTensor::close);
        session.close();
    }
}
