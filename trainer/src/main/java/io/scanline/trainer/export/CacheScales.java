package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.trainer.data.ImageSet;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a step of the 8-bit numbers in a KV cache stands for, for every channel of every head: the largest key or value that some
 * images have there is number 127. Larger ones become that too.
 *
 * @param keys by layer, H D scales each
 * @param values likewise
 */
record CacheScales(List<float[]> keys, List<float[]> values) {
    private static final int LARGEST = 127;

    /**
     * Measures them by the steps in fp32.
     *
     * @param stored a bundle with a KV cache
     * @param images that are like what will be drawn: of the training set
     */
    static CacheScales measure(StoredBundle stored, Conditions conditions, ImageSet images) throws OrtException {
        KeyValueCache cache = stored.required(StepGraph.ROLE).getState().getKeyValueCache();
        CacheScales largest = new CacheScales(new ArrayList<>(), new ArrayList<>());
        for (int layer = 0; layer < cache.getLayers(); layer++) {
            largest.keys().add(new float[cache.getHeads() * cache.getHeadSize()]);
            largest.values().add(new float[cache.getHeads() * cache.getHeadSize()]);
        }
        try (StepSession session = new StepSession(stored, 1, conditions)) {
            KeyValueState state = session.cache().orElseThrow();
            for (int n = 0; n < images.size(); n++) {
                session.imageLogits(List.of(images.image(n)), new int[] {images.labels()[n]});
                for (int layer = 0; layer < cache.getLayers(); layer++) {
                    raise(largest.keys().get(layer), state.cached("key", layer).floats(), cache.getHeadSize());
                    raise(largest.values().get(layer), state.cached("value", layer).floats(), cache.getHeadSize());
                }
            }
        }
        largest.keys().forEach(CacheScales::divide);
        largest.values().forEach(CacheScales::divide);
        return largest;
    }

    /** Raises the largest of every channel (H, D) to what is cached, (H, T, D). */
    private static void raise(float[] largest, FloatBuffer cached, int headSize) {
        int perHead = cached.remaining() / (largest.length / headSize);
        for (int i = 0; i < cached.remaining(); i++) {
            int channel = i / perHead * headSize + i % headSize;
            largest[channel] = Math.max(largest[channel], Math.abs(cached.get(i)));
        }
    }

    private static void divide(float... largest) {
        for (int i = 0; i < largest.length; i++) {
            largest[i] = largest[i] == 0 ? 1 : largest[i] / LARGEST;
        }
    }

    /** Those of "key" or "value" of a layer. */
    float[] of(String kind, int layer) {
        return (kind.equals("key") ? keys : values).get(layer);
    }
}
