package io.scanline.trainer.export;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.OnnxGraph;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Draws levels in a graph as io.scanline.contract.LevelSampler does, in single instead of double precision. Operators that take
 * minima and maxima have no kernels for CUDA in this version of ONNX; sorting levels serves instead.
 *
 * @param graph to write into
 * @param levels L
 */
record ChunkSampling(OnnxGraph graph, int levels) {
    /**
     * How levels are drawn from logits, (B, 1) each.
     *
     * @param temperature 0 for the likeliest level
     * @param topK L for all
     * @param topP 1 for all
     * @param uniform in [0, 1)
     */
    record Choice(String temperature, String topK, String topP, String uniform) {}

    /**
     * Writes down the drawing of a level.
     *
     * @param logits (B, L)
     * @return (B, 1), int64
     */
    String draw(String logits, Choice choice) {
        String sorted = "chunk.sorted";
        String order = "chunk.order"; // the lower one of equals first
        graph.node("", "TopK", List.of(logits, longs(levels)), List.of(sorted, order), attribute("axis", -1));
        String largest = graph.slice(sorted, 1, 0, 1);
        String best = graph.slice(order, 1, 0, 1);
        String cold = graph.node("LessOrEqual", List.of(choice.temperature(), number(0)));
        String divisor = graph.node("Where", List.of(cold, number(1), choice.temperature()));
        String weights = graph.node(
                "Exp",
                List.of(graph.node("Div", List.of(graph.node("Sub", List.of(sorted, largest)), divisor))));
        String kept = truncate(weights, choice);
        // Every level is in the order once, so that nothing of the logits is left.
        String byLevel = graph.node("ScatterElements", List.of(logits, order, kept), attribute("axis", 1));
        return graph.node("Where", List.of(cold, best, inverse(byLevel, choice.uniform())));
    }

    /** Weights by falling size, (B, L), with 0 for what top-k and top-p drop. */
    private String truncate(String weights, Choice choice) {
        String ranks = graph.constant(LongStream.range(0, levels).toArray(), levels);
        String amongK = graph.node("Less", List.of(ranks, choice.topK()));
        String ofK = graph.node("Where", List.of(amongK, weights, number(0)));
        String before = graph.node("CumSum", List.of(ofK, longs(1)), attribute("exclusive", 1));
        String mass = graph.node("Add", List.of(last(before), last(ofK)));
        String wanted = graph.node("Mul", List.of(choice.topP(), mass));
        String open = graph.node("Less", List.of(before, wanted));
        String all = graph.node("GreaterOrEqual", List.of(choice.topP(), number(1)));
        String first = graph.node("Less", List.of(ranks, longs(1)));
        String amongP = graph.node("Or", List.of(graph.node("Or", List.of(open, all)), first));
        return graph.node("Where", List.of(amongP, ofK, number(0)));
    }

    /**
     * The first level at which the cumulated weights exceed the share of the uniform number, (B, 1): as many come before it as do
     * not. It has a weight, since the sum grows there. Where rounding leaves no such level, the first that reaches the sum.
     */
    private String inverse(String weights, String uniform) {
        String sums = graph.node("CumSum", List.of(weights, longs(1)));
        String total = last(sums);
        String target = graph.node("Mul", List.of(uniform, total));
        String index = graph.node(
                "Min",
                List.of(
                        count(graph.node("LessOrEqual", List.of(sums, target))),
                        count(graph.node("Less", List.of(sums, total)))));
        return graph.node("Cast", List.of(index), attribute("to", DataType.INT64_VALUE));
    }

    /**
     * Writes down the logarithm of the probability of a level among all at temperature 1.
     *
     * @param logits (B, L)
     * @param level (B, 1)
     * @return (B, 1), in nats
     */
    String logProbability(String logits, String level) {
        String all = graph.node("LogSoftmax", List.of(logits), attribute("axis", -1));
        return graph.node("GatherElements", List.of(all, level), attribute("axis", 1));
    }

    private String count(String truth) {
        String ones = graph.node("Cast", List.of(truth), attribute("to", DataType.FLOAT_VALUE));
        return graph.node("ReduceSum", List.of(ones, longs(1)), attribute("keepdims", 1)); // (B, 1)
    }

    private String last(String x) {
        return graph.slice(x, 1, levels - 1L, levels);
    }

    private String number(float value) {
        return graph.constant(new float[] {value}, 1);
    }

    private String longs(long value) {
        return graph.constant(new long[] {value}, 1);
    }
}
