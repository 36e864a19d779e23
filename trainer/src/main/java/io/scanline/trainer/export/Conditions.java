package io.scanline.trainer.export;

import java.util.List;

/**
 * What steps are shown of images beside values and a class: a vector for every label.
 *
 * @param vectors by label, all of the same width
 */
public record Conditions(List<float[]> vectors) {
    /** Of a model that is shown nothing of the kind. */
    public static final Conditions NONE = new Conditions(List.of());

    /** The vector of a label; of length 0 where there is nothing to show. */
    float[] of(int label) {
        return vectors.isEmpty() ? new float[0] : vectors.get(label);
    }
}
