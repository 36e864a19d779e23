package io.scanline.server.runtime;

import java.util.List;

/**
 * What one step of a graph must at least move and compute: all weights once, and of every slot what it carries.
 *
 * @param bytes read or written
 * @param operations multiplications and additions
 */
public record StepWork(double bytes, double operations) {
    /**
     * Of a graph: the bytes of its file stand for its weights, each of which is used once for every slot; those of a
     * row graph count for their share of a row. Of keys and values those that the
     * layers see are read and used once; of a memory the vectors that a step reads; recurrent
     * tensors are read and written. Weights are taken for floats: not for a graph whose weights are bytes.
     *
     * @param slots slots of the step, all at the same position
     */
    public static StepWork of(StepSource source, int slots, int position) {
        StepShape shape = source.shape();
        double weights = source.step().onnx().length;
        if (source.row() != null) {
            weights += source.row().onnx().length / (double) (shape.raster().columns() * shape.raster().channels());
        }
        double carried = 0;
        double used = 0;
        KeyValueShape cache = shape.state().keyValues();
        if (cache != null) {
            used = 2.0 * cache.heads() * cache.headSize() * cache.read(position);
            carried += used * cache.element().bytes();
        }
        for (MemoryShape memory : shape.state().memories()) {
            carried += (double) memory.width() * memory.reads().size() * Float.BYTES;
        }
        for (List<Integer> recurrent : shape.state().recurrents()) {
            carried += 2.0 * StateShape.size(recurrent) * Float.BYTES;
        }
        return new StepWork(weights + slots * carried, 2 * slots * (weights / Float.BYTES + used));
    }
}
