package io.scanline.trainer.export;

import io.scanline.bundle.v1.KeyValueCache;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a step of the 8-bit numbers in a KV cache stands for: the largest key of a layer that was found in runs, or the largest
 * value, is number 127. Larger ones become that too.
 */
final class CacheScales {
    private static final int LARGEST = 127;

    private final KeyValueCache cache;
    /** The largest by layer, of H D channels each. */
    private final List<float[]> keys = new ArrayList<>();

    private final List<float[]> values = new ArrayList<>();

    /** Of a cache that nothing was seen in. */
    CacheScales(KeyValueCache cache) {
        this.cache = cache;
        for (int layer = 0; layer < cache.getLayers(); layer++) {
            keys.add(new float[cache.getHeads() * cache.getHeadSize()]);
            values.add(new float[cache.getHeads() * cache.getHeadSize()]);
        }
    }

    /** Takes notice of what is cached, in fp32, of one image. */
    void raise(KeyValueState state) {
        for (int layer = 0; layer < cache.getLayers(); layer++) {
            raise(keys.get(layer), state.cached("key", layer).floats());
            raise(values.get(layer), state.cached("value", layer).floats());
        }
    }

    /** Raises the largest of every channel (H, D) to what is cached, (H, T, D). */
    private void raise(float[] largest, FloatBuffer cached) {
        int perHead = cached.remaining() / cache.getHeads();
        for (int i = 0; i < cached.remaining(); i++) {
            int channel = i / perHead * cache.getHeadSize() + i % cache.getHeadSize();
            largest[channel] = Math.max(largest[channel], Math.abs(cached.get(i)));
        }
    }

    /** The largest "key" or "value" that was found in every channel of a layer, (H D). */
    float[] largest(String kind, int layer) {
        return (kind.equals("key") ? keys : values).get(layer).clone();
    }

    /** What a step of "key" or "value" of a layer stands for. */
    float of(String kind, int layer) {
        float largest = 0;
        for (float each : largest(kind, layer)) {
            largest = Math.max(largest, each);
        }
        return largest == 0 ? 1 : largest / LARGEST;
    }
}
