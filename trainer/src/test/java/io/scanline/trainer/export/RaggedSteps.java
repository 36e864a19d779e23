package io.scanline.trainer.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.scanline.bundle.v1.Graph;
import io.scanline.contract.CausalContext;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Steps of several images of which each is at a position of its own, as those that a server has at a time. */
final class RaggedSteps implements AutoCloseable {
    private final Graph step;
    private final CausalContext context;
    private final int levels;
    private final OrtSession session;

    RaggedSteps(StoredBundle stored) throws OrtException {
        step = stored.required(StepGraph.ROLE);
        context = new CausalContext(stored.bundle().getGeometry(), stored.bundle().getAutoregression());
        levels = stored.bundle().getGeometry().getLevels();
        session = stored.session(step);
    }

    /**
     * Logits (values, levels) of every image, the n-th of which begins n positions after the first.
     *
     * @param images one in every slot; slots that are not begun, and those that are done, stand at the first position of another
     *     image
     */
    float[][] logits(List<byte[]> images, int... labels) throws OrtException {
        int slots = images.size();
        int values = images.get(0).length;
        float[][] all = new float[slots][values * levels];
        try (HostTensor shown = HostTensor.ofLongs(slots, 1, context.size());
                HostTensor position = HostTensor.ofLongs(slots, 1);
                HostTensor label = HostTensor.ofLongs(slots);
                HostTensor seqlens = HostTensor.ofInts(slots);
                HostTensor total = HostTensor.ofInts();
                HostTensor logits = HostTensor.ofFloats(slots, 1, levels);
                KeyValueState cache = new KeyValueState(step, slots)) {
            for (int time = 0; time < values + slots - 1; time++) {
                int[] at = new int[slots];
                for (int n = 0; n < slots; n++) {
                    int own = time - n;
                    at[n] = own < 0 || own >= values ? 0 : own;
                    long[] contexts = new long[context.size()];
                    context.gather(images.get(n), at[n], contexts, 0);
                    shown.longs().put(n * contexts.length, contexts);
                    position.longs().put(n, at[n]);
                    label.longs().put(n, labels[n]);
                }
                Map<String, OnnxTensor> inputs = new HashMap<>();
                Map<String, OnnxTensor> outputs = new HashMap<>();
                cache.feed(new StepState.Run(images, labels, 0, 1), inputs, outputs);
                for (int n = 0; n < slots; n++) {
                    seqlens.ints().put(n, at[n]);
                }
                total.ints().put(0, Arrays.stream(at).max().orElseThrow() + 1);
                for (String prefix : List.of("", "window_")) {
                    if (step.containsTensors(prefix + "seqlens")) {
                        inputs.put(step.getTensorsOrThrow(prefix + "seqlens"), seqlens.tensor());
                        inputs.put(step.getTensorsOrThrow(prefix + "total"), total.tensor());
                    }
                }
                inputs.put(step.getTensorsOrThrow("context"), shown.tensor());
                inputs.put(step.getTensorsOrThrow("position"), position.tensor());
                inputs.put(step.getTensorsOrThrow("label"), label.tensor());
                outputs.put(step.getTensorsOrThrow("logits"), logits.tensor());
                session.run(inputs, outputs).close();
                for (int n = 0; n < slots; n++) {
                    if (at[n] == time - n) {
                        logits.floats().get(n * levels, all[n], at[n] * levels, levels);
                    }
                }
            }
        }
        return all;
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
