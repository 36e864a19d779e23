package io.scanline.trainer.ops;

/** For graphs that know of no positions in generation order, such as encoders and decoders. */
public final class Unordered implements OnnxOps.Positions {
    @Override
    public String attend(OnnxGraph graph, String qkv, int heads, int headSize, int window) {
        throw noOrder();
    }

    @Override
    public String attendNearby(OnnxGraph graph, String qkv, int heads, int headSize, Taps.Neighbours neighbours) {
        throw noOrder();
    }

    @Override
    public String gather(OnnxGraph graph, String x, int width, Taps taps) {
        throw noOrder();
    }

    @Override
    public String recur(OnnxOps ops, OnnxGraph graph, String x, Recurrence recurrence) {
        throw noOrder();
    }

    private static IllegalStateException noOrder() {
        return new IllegalStateException("the graph has no positions, one before the other");
    }
}
