package io.scanline.trainer.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.contract.CausalContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs a bundle's step graph over a batch of images that grow in step: all at the same position. One thread; not safe
 * for use by several.
 */
public final class StepSession implements AutoCloseable {
    private final OrtSession session;
    private final Map<String, String> tensors;
    private final CausalContext context;
    private final int levels;
    private final int batch;
    private final boolean takesSeveral;
    private final Conditions conditions;
    private final List<StepState> states = new ArrayList<>();
    private final Map<String, OnnxTensor> watched = new HashMap<>();

    /**
     * A session of a bundle's step graph for this many images at a time.
     *
     * @throws IllegalArgumentException when the bundle has no step graph, or draws what a text says
     */
    public StepSession(StoredBundle stored, int batch) throws OrtException {
        this(stored, batch, Conditions.NONE);
    }

    /** The same with what the steps are shown of the images of every label. */
    StepSession(StoredBundle stored, int batch, Conditions conditions) throws OrtException {
        Bundle bundle = stored.bundle();
        Graph step = stored.graph("step")
                .orElseThrow(() -> new IllegalArgumentException("the bundle has no step graph"));
        if (step.containsTensors(StepGraph.CONDITION) == conditions.vectors().isEmpty()) {
            throw new IllegalArgumentException("a text for every image is for models that draw what a text says, and they"
                    + " draw nothing without one");
        }
        this.batch = batch;
        this.conditions = conditions;
        this.levels = bundle.getGeometry().getLevels();
        this.context = new CausalContext(bundle.getGeometry(), bundle.getAutoregression());
        this.tensors = step.getTensorsMap();
        this.takesSeveral = step.getState().hasKeyValueCache();
        this.session = stored.session(step);
        states.addAll(states(stored, step, batch));
    }

    private static List<StepState> states(StoredBundle stored, Graph step, int batch) throws OrtException {
        ImageGeometry geometry = stored.bundle().getGeometry();
        List<StepState> states = new ArrayList<>();
        if (step.getState().hasKeyValueCache()) {
            states.add(new KeyValueState(step, batch));
        }
        List<MemoryState> memories = new ArrayList<>();
        for (int memory = 0; memory < step.getState().getMemoriesCount(); memory++) {
            memories.add(new MemoryState(step, memory, geometry, batch));
        }
        states.addAll(memories);
        for (int recurrent = 0; recurrent < step.getState().getRecurrentsCount(); recurrent++) {
            states.add(new RecurrentState(step, recurrent, batch));
        }
        if (stored.graph("row").isPresent()) {
            states.add(new RowState(stored, stored.graph("row").get(), memories, batch));
        }
        return states;
    }

    /** Whether one run can take several positions: with a KV cache, and not otherwise. */
    public boolean takesSeveral() {
        return takesSeveral;
    }

    /**
     * Logits of consecutive values of every image, those before them having been run before.
     *
     * @param images values so far; those up to the last but one of these positions are read
     * @param first index of the first value; 0 starts new images
     * @param count number of values; 1 unless {@link #takesSeveral}
     * @return (batch, count, levels)
     */
    public float[] logits(List<byte[]> images, int[] labels, int first, int count) throws OrtException {
        if (count != 1 && !takesSeveral) {
            throw new IllegalArgumentException("the graph takes one position at a time, not " + count);
        }
        StepState.Run run = new StepState.Run(images, labels, first, count);
        int shown = context.size();
        long[] contexts = new long[batch * count * shown];
        try (HostTensor contextTensor = HostTensor.ofLongs(batch, count, shown);
                HostTensor position = HostTensor.ofLongs(batch, count);
                HostTensor label = HostTensor.ofLongs(batch);
                HostTensor condition = HostTensor.ofFloats(batch, Math.max(1, conditions.of(labels[0]).length));
                HostTensor result = HostTensor.ofFloats(batch, count, levels)) {
            for (int n = 0; n < batch; n++) {
                label.longs().put(n, labels[n]);
                float[] vector = conditions.of(labels[n]);
                condition.floats().put(n * vector.length, vector);
                for (int i = 0; i < count; i++) {
                    context.gather(images.get(n), first + i, contexts, (n * count + i) * shown);
                    position.longs().put(n * count + i, first + i);
                }
            }
            contextTensor.longs().put(contexts);
            Map<String, OnnxTensor> inputs = new HashMap<>();
            Map<String, OnnxTensor> outputs = new HashMap<>();
            inputs.put(tensors.get("context"), contextTensor.tensor());
            inputs.put(tensors.get("position"), position.tensor());
            if (tensors.containsKey("label")) {
                inputs.put(tensors.get("label"), label.tensor());
            }
            if (tensors.containsKey(StepGraph.CONDITION)) {
                inputs.put(tensors.get(StepGraph.CONDITION), condition.tensor());
            }
            outputs.put(tensors.get("logits"), result.tensor());
            outputs.putAll(watched);
            for (StepState state : states) {
                state.feed(run, inputs, outputs);
            }
            session.run(inputs, outputs).close();
            states.forEach(state -> state.keep(run));
            float[] logits = new float[batch * count * levels];
            result.floats().get(logits);
            return logits;
        }
    }

    /** Logits (batch, values, levels) of all values of every image: at once where the graph takes several. */
    public float[] imageLogits(List<byte[]> images, int[] labels) throws OrtException {
        return takesSeveral ? logits(images, labels, 0, images.get(0).length) : stepLogits(images, labels);
    }

    /** Logits (batch, values, levels) of all values of every image, step by step. */
    public float[] stepLogits(List<byte[]> images, int[] labels) throws OrtException {
        int values = images.get(0).length;
        float[] all = new float[batch * values * levels];
        for (int i = 0; i < values; i++) {
            float[] logits = logits(images, labels, i, 1);
            for (int n = 0; n < batch; n++) {
                System.arraycopy(logits, n * levels, all, (n * values + i) * levels, levels);
            }
        }
        return all;
    }

    /** Its KV cache, if it has one. */
    Optional<KeyValueState> cache() {
        return states.stream().filter(KeyValueState.class::isInstance).map(KeyValueState.class::cast).findFirst();
    }

    /** Has other outputs of the graph written to these tensors in every run. */
    void watch(Map<String, HostTensor> outputs) {
        outputs.forEach((name, tensor) -> watched.put(name, tensor.tensor()));
    }

    /** Images of a call of {@link #logits}. */
    public int batch() {
        return batch;
    }

    @Override
    public void close() throws OrtException {
        for (StepState state : states) {
            state.close();
        }
        session.close();
    }
}
