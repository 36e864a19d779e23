package io.scanline.trainer.export;

import java.util.HashMap;
import java.util.Map;

/**
 * Between which numbers the activations are that products read, found in runs. One range serves all channels and positions: a
 * row's bytes then depend on the row alone, and nothing has to be searched for its largest number while images are drawn.
 */
final class ActivationRanges {
    private final Map<String, Float> smallest = new HashMap<>();
    private final Map<String, Float> largest = new HashMap<>();

    /** Takes notice of activations. */
    void widen(String name, float... activations) {
        float first = 0;
        float last = 0;
        for (float activation : activations) {
            first = Math.min(first, activation);
            last = Math.max(last, activation);
        }
        smallest.merge(name, first, Math::min);
        largest.merge(name, last, Math::max);
    }

    /** What the bytes of activations stand for. */
    ByteRange of(String name) {
        return ByteRange.of(smallest.get(name), largest.get(name));
    }
}
