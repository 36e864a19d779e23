package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import java.util.List;

/**
 * Shapes in standard ONNX operators.
 *
 * @param graph written into
 */
record OnnxShapes(OnnxGraph graph) implements Shapes<String> {
    @Override
    public String reshape(String x, long... shape) {
        return graph.reshape(x, shape);
    }

    @Override
    public String pad(String x, int dimension, int before, int behind) {
        return graph.node(
                "Pad",
                List.of(
                        x,
                        graph.constant(new long[] {before, behind}, 2),
                        "",
                        graph.constant(new long[] {dimension}, 1)));
    }

    @Override
    public String slice(String x, int dimension, int first, int end) {
        return graph.slice(x, dimension, first, end);
    }

    @Override
    public String flip(String x, int dimension) {
        return graph.node(
                "Slice",
                List.of(
                        x,
                        graph.constant(new long[] {-1}, 1),
                        graph.constant(new long[] {Long.MIN_VALUE}, 1), // before the first
                        graph.constant(new long[] {dimension}, 1),
                        graph.constant(new long[] {-1}, 1)));
    }

    @Override
    public List<String> unbind(String x, int dimension, int count) {
        String axis = graph.constant(new long[] {dimension}, 1);
        return graph.split(x, dimension, count).stream()
                .map(part -> graph.node("Squeeze", List.of(part, axis)))
                .toList();
    }

    @Override
    public String stack(List<String> parts, int dimension) {
        String axis = graph.constant(new long[] {dimension}, 1);
        return graph.node(
                "Concat",
                parts.stream().map(part -> graph.node("Unsqueeze", List.of(part, axis))).toList(),
                attribute("axis", dimension));
    }

    @Override
    public String zeros(String x, int width) {
        String others = graph.node("Shape", List.of(x), attribute("end", -1));
        String shape = graph.node(
                "Concat", List.of(others, graph.constant(new long[] {width}, 1)), attribute("axis", 0));
        return graph.node("ConstantOfShape", List.of(shape));
    }
}
