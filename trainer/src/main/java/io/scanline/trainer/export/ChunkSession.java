package io.scanline.trainer.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.KeyValueCache;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a bundle's chunk graph and keeps its cache, for a number of slots that may each be at a position of its own. One thread; not
 * safe for use by several.
 */
final class ChunkSession implements AutoCloseable {
    /** Says that a value is to be drawn. */
    static final int DRAW = -1;

    /**
     * How a slot draws.
     *
     * @param topK L for all
     * @param own slot of the logits that are guided to, and whose log-probabilities are told
     * @param other slot of those that are guided away from
     */
    record Choice(float temperature, int topK, float topP, int own, int other, float guidance) {
        /** What a model that draws this many levels gives by itself, in a slot. */
        static Choice plain(int levels, int slot) {
            return new Choice(1, levels, 1, slot, slot, 1);
        }
    }

    /**
     * A slot of a run.
     *
     * @param image values so far; those from `first` on are not read
     * @param first position of the first value of the run
     * @param given a value for every position of the run, or {@link #DRAW}
     * @param uniforms in [0, 1), one for every position
     */
    record Slot(byte[] image, int label, int first, int[] given, float[] uniforms, Choice choice) {}

    /**
     * What a slot was given by a run.
     *
     * @param values one for every position, those behind the last one too
     * @param logProbabilities of them, in nats
     */
    record Drawn(int[] values, float[] logProbabilities) {}

    private final OrtSession session;
    private final Map<String, String> tensors;
    private final KeyValueCache cache;
    private final Conditions conditions;
    private final int steps;
    private final int slots;
    /** By contract name but for "past_", (B, H, T, D) in 16-bit floats. */
    private final Map<String, ByteBuffer> caches = new HashMap<>();

    /** A session for this many slots, with what the steps are shown of the images of every label. */
    ChunkSession(StoredBundle stored, int slots, Conditions conditions) throws OrtException {
        Graph chunk = stored.required(ChunkGraph.ROLE);
        this.tensors = chunk.getTensorsMap();
        this.cache = chunk.getState().getKeyValueCache();
        this.conditions = conditions;
        this.steps = stored.bundle().getAutoregression().getSteps();
        this.slots = slots;
        for (int layer = 0; layer < cache.getLayers(); layer++) {
            for (String kind : List.of("key.", "value.")) {
                caches.put(kind + layer, ByteBuffer.allocate(slots * cache.getHeads() * steps * row()));
            }
        }
        this.session = stored.session(chunk);
    }

    /** Bytes of a position and head in a cache. */
    private int row() {
        return cache.getHeadSize() * Short.BYTES;
    }

    /** What is cached, by "key.LAYER" and "value.LAYER": (B, H, T, D) in 16-bit floats. */
    Map<String, ByteBuffer> caches() {
        return caches;
    }

    /** Runs a chunk with as few positions of the cache as there must be. */
    List<Drawn> run(List<Slot> slots) throws OrtException {
        return run(slots, Math.max(1, slots.stream().mapToInt(Slot::first).max().orElseThrow()));
    }

    /**
     * Runs a chunk.
     *
     * @param run as many slots as the session has, with as many positions each
     * @param shown positions of the cache that the graph is shown
     */
    List<Drawn> run(List<Slot> run, int shown) throws OrtException {
        int positions = run.get(0).uniforms().length;
        int width = conditions.of(run.get(0).label()).length;
        Map<String, HostTensor> inputs = new HashMap<>();
        Map<String, HostTensor> outputs = new HashMap<>();
        try {
            inputs.put(ChunkGraph.VALUES, HostTensor.ofLongs(slots, steps));
            inputs.put(ChunkGraph.GIVEN, HostTensor.ofLongs(slots, positions));
            inputs.put(ChunkGraph.UNIFORM, HostTensor.ofFloats(slots, positions));
            for (String name : List.of(
                    ChunkGraph.FIRST, ChunkGraph.LABEL, ChunkGraph.TOP_K, ChunkGraph.OWN, ChunkGraph.OTHER)) {
                inputs.put(name, HostTensor.ofLongs(slots));
            }
            for (String name : List.of(ChunkGraph.TEMPERATURE, ChunkGraph.TOP_P, ChunkGraph.GUIDANCE)) {
                inputs.put(name, HostTensor.ofFloats(slots));
            }
            inputs.put(StepGraph.CONDITION, HostTensor.ofFloats(slots, Math.max(1, width)));
            outputs.put(ChunkGraph.DRAWN, HostTensor.ofLongs(slots, positions));
            outputs.put(ChunkGraph.LOG_PROBABILITY, HostTensor.ofFloats(slots, positions));
            for (String name : caches.keySet()) {
                inputs.put("past_" + name, history(name, shown));
                outputs.put("new_" + name, HostTensor.ofHalves(slots, cache.getHeads(), positions, cache.getHeadSize()));
            }
            for (int n = 0; n < slots; n++) {
                feed(inputs, n, run.get(n), positions);
            }
            session.run(named(inputs), named(outputs)).close();
            for (String name : caches.keySet()) {
                keep(name, outputs.get("new_" + name), run, positions);
            }
            return drawn(outputs, positions);
        } finally {
            inputs.values().forEach(HostTensor::close);
            outputs.values().forEach(HostTensor::close);
        }
    }

    private void feed(Map<String, HostTensor> inputs, int n, Slot slot, int positions) {
        for (int i = 0; i < steps; i++) {
            inputs.get(ChunkGraph.VALUES).longs().put(n * steps + i, i < slot.first() ? slot.image()[i] & 0xFF : 0);
        }
        for (int i = 0; i < positions; i++) {
            inputs.get(ChunkGraph.GIVEN).longs().put(n * positions + i, slot.given()[i]);
            inputs.get(ChunkGraph.UNIFORM).floats().put(n * positions + i, slot.uniforms()[i]);
        }
        Choice choice = slot.choice();
        inputs.get(ChunkGraph.FIRST).longs().put(n, slot.first());
        inputs.get(ChunkGraph.LABEL).longs().put(n, slot.label());
        inputs.get(ChunkGraph.TOP_K).longs().put(n, choice.topK());
        inputs.get(ChunkGraph.OWN).longs().put(n, choice.own());
        inputs.get(ChunkGraph.OTHER).longs().put(n, choice.other());
        inputs.get(ChunkGraph.TEMPERATURE).floats().put(n, choice.temperature());
        inputs.get(ChunkGraph.TOP_P).floats().put(n, choice.topP());
        inputs.get(ChunkGraph.GUIDANCE).floats().put(n, choice.guidance());
        float[] condition = conditions.of(slot.label());
        inputs.get(StepGraph.CONDITION).floats().put(n * condition.length, condition);
    }

    /** The tensors that the graph has, by their names in it. */
    private Map<String, OnnxTensor> named(Map<String, HostTensor> all) {
        Map<String, OnnxTensor> named = new HashMap<>();
        all.forEach((name, tensor) -> {
            if (tensors.containsKey(name)) {
                named.put(tensors.get(name), tensor.tensor());
            }
        });
        return named;
    }

    /** The first positions of a cache, (B, H, P, D). */
    private HostTensor history(String name, int shown) throws OrtException {
        HostTensor history = HostTensor.ofHalves(slots, cache.getHeads(), shown, cache.getHeadSize());
        ByteBuffer from = caches.get(name);
        for (int head = 0; head < slots * cache.getHeads(); head++) {
            history.bytes().put(head * shown * row(), from, head * steps * row(), shown * row());
        }
        return history;
    }

    private void keep(String name, HostTensor made, List<Slot> run, int positions) {
        ByteBuffer to = caches.get(name);
        for (int head = 0; head < slots * cache.getHeads(); head++) {
            int first = run.get(head / cache.getHeads()).first();
            int kept = Math.min(positions, steps - first);
            to.put((head * steps + first) * row(), made.bytes(), head * positions * row(), kept * row());
        }
    }

    private List<Drawn> drawn(Map<String, HostTensor> outputs, int positions) {
        long[] values = new long[slots * positions];
        float[] nats = new float[slots * positions];
        outputs.get(ChunkGraph.DRAWN).longs().get(values);
        outputs.get(ChunkGraph.LOG_PROBABILITY).floats().get(nats);
        List<Drawn> all = new ArrayList<>();
        for (int n = 0; n < slots; n++) {
            int from = n * positions;
            all.add(new Drawn(
                    Arrays.stream(values, from, from + positions).mapToInt(value -> (int) value).toArray(),
                    Arrays.copyOfRange(nats, from, from + positions)));
        }
        return all;
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
