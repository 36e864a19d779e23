package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import java.util.ArrayList;
import java.util.List;

/** All positions of an image at once, in standard ONNX operators. */
public final class WholeImage implements OnnxOps.Positions {
    private final int positions;
    private int layers;

    /** Images of this many positions S. */
    public WholeImage(int positions) {
        this.positions = positions;
    }

    @Override
    public String attend(OnnxGraph graph, String qkv, int heads, int headSize, int window) {
        FullAttention attention = new FullAttention(positions, headSize);
        return attention.write(graph, qkv, heads, attention.window(window), layers++);
    }

    @Override
    public String attendNearby(OnnxGraph graph, String qkv, int heads, int headSize, Taps.Neighbours neighbours) {
        FullAttention attention = new FullAttention(positions, headSize);
        return attention.write(graph, qkv, heads, attention.neighbours(neighbours), layers++);
    }

    @Override
    public String gather(OnnxGraph graph, String x, int width, Taps taps) {
        return taps instanceof Taps.Neighbours neighbours
                ? neighbourhoods(graph, x, width, neighbours)
                : earlier(graph, x, (Taps.Lags) taps);
    }

    @Override
    public String recur(OnnxOps ops, OnnxGraph graph, String x, Recurrence recurrence) {
        int rows = positions / recurrence.columns();
        return new ImageScan<>(ops, new OnnxShapes(graph), recurrence, rows).apply(recurrence.input(ops, x));
    }

    private String neighbourhoods(OnnxGraph graph, String x, int width, Taps.Neighbours taps) {
        String image = graph.reshape(x, 0, -1, taps.width(), width); // (B, H, W, C)
        String withSky = pad(graph, image, taps.above());
        String patches = Patches.of(graph, withSky, positions / taps.width(), taps);
        return graph.reshape(patches, 0, positions, (long) taps.count() * width);
    }

    private String earlier(OnnxGraph graph, String x, Taps.Lags taps) {
        String padded = pad(graph, x, taps.longest());
        List<String> shifted = new ArrayList<>();
        for (int lag : taps.lags()) {
            int first = taps.longest() - lag;
            shifted.add(graph.slice(padded, 1, first, first + positions));
        }
        if (taps.own()) {
            shifted.add(x);
        }
        return graph.node("Concat", shifted, attribute("axis", -1));
    }

    /** Zeros before the first of dimension 1. */
    private static String pad(OnnxGraph graph, String x, int zeros) {
        return graph.node(
                "Pad",
                List.of(x, graph.constant(new long[] {zeros, 0}, 2), "", graph.constant(new long[] {1}, 1)));
    }
}
