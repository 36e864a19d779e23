package io.scanline.trainer.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Element;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.KeyValueCache;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Keys and values of attention layers, updated in place. Layers with a window keep all positions here. */
final class KeyValueState implements StepState {
    private final Map<String, HostTensor> past = new HashMap<>();
    private final Map<String, HostTensor> present = new HashMap<>();
    private final Map<String, String> tensors;
    private final HostTensor seqlens;
    private final HostTensor total;

    KeyValueState(Graph step, int batch) throws OrtException {
        KeyValueCache cache = step.getState().getKeyValueCache();
        tensors = step.getTensorsMap();
        seqlens = HostTensor.ofInts(batch);
        total = HostTensor.ofInts();
        for (int layer = 0; layer < cache.getLayers(); layer++) {
            for (String kind : List.of("key", "value")) {
                long[] shape = {batch, cache.getHeads(), cache.getPositions(), cache.getHeadSize()};
                HostTensor memory = cache.getElement() == Element.ELEMENT_INT8
                        ? HostTensor.ofBytes(shape)
                        : HostTensor.ofFloats(shape);
                past.put(tensors.get("past_" + kind + "." + layer), memory);
                present.put(tensors.get("present_" + kind + "." + layer), memory);
            }
        }
    }

    /** What is cached of a layer, (B, H, T, D). */
    HostTensor cached(String kind, int layer) {
        return past.get(tensors.get("past_" + kind + "." + layer));
    }

    @Override
    public void feed(Run run, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {
        for (int n = 0; n < run.labels().length; n++) {
            seqlens.ints().put(n, run.first() + run.count() - 1);
        }
        total.ints().put(0, run.first() + run.count());
        for (String prefix : List.of("", "window_")) {
            if (tensors.containsKey(prefix + "seqlens")) {
                inputs.put(tensors.get(prefix + "seqlens"), seqlens.tensor());
                inputs.put(tensors.get(prefix + "total"), total.tensor());
            }
        }
        past.forEach((name, memory) -> inputs.put(name, memory.tensor()));
        present.forEach((name, memory) -> outputs.put(name, memory.tensor()));
    }

    @Override
    public void keep(Run run) {
        // The graph has written where the next run reads.
    }

    @Override
    public void close() {
        past.values().forEach(HostTensor::close);
        seqlens.close();
        total.close();
    }
}
