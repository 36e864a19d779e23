package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import io.scanline.bundle.v1.Offset;
import java.util.ArrayList;
import java.util.List;

/** Neighbourhoods in standard ONNX operators: shifted copies of an image, side by side. */
final class Patches {
    private Patches() {}

    /**
     * What taps see of rows, nothing being to their left and right.
     *
     * @param rows (B, above + rows read for, width, C), the upmost rows being only looked up to
     * @param read rows H read for: the last ones
     * @return (B, H, width, R C)
     */
    static String of(OnnxGraph graph, String rows, int read, Taps.Neighbours taps) {
        String padded = graph.node(
                "Pad",
                List.of(
                        rows,
                        graph.constant(new long[] {taps.left(), taps.right()}, 2),
                        "",
                        graph.constant(new long[] {2}, 1)));
        List<String> shifted = new ArrayList<>();
        for (Offset offset : taps.all()) {
            int top = taps.above() + offset.getRows();
            int left = taps.left() + offset.getColumns();
            String part = graph.slice(padded, 1, top, top + read);
            shifted.add(graph.slice(part, 2, left, left + taps.width()));
        }
        return graph.node("Concat", shifted, attribute("axis", -1));
    }
}
