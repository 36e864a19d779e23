package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import io.scanline.bundle.v1.Recurrent;
import io.scanline.bundle.v1.State;
import io.scanline.trainer.onnx.TensorProto.DataType;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All positions of one row of every slot at a time: what they need of the rows above is handed on from run to run.
 * Notes the state as a bundle describes it.
 */
public final class CachedRow implements OnnxOps.Positions {
    private final State.Builder state = State.newBuilder();
    private final Map<String, String> tensors = new TreeMap<>();

    /** The state that the graph written so far has. */
    public State state() {
        return state.build();
    }

    /** The tensors of the state: names in the graph by name in the contract of bundles. */
    public Map<String, String> tensors() {
        return tensors;
    }

    @Override
    public String attend(OnnxGraph graph, String qkv, int heads, int headSize, int window) {
        throw new UnsupportedOperationException("attention over rows");
    }

    @Override
    public String gather(OnnxGraph graph, String x, int width, Taps taps) {
        if (!(taps instanceof Taps.Neighbours neighbours)) {
            throw new UnsupportedOperationException("lags in generation order, over rows");
        }
        String row = graph.reshape(x, 0, 1, neighbours.width(), width); // (B, 1, W, C)
        String rows = neighbours.above() == 0 ? row : withRowsAbove(graph, row, width, neighbours);
        return graph.reshape(
                Patches.of(graph, rows, 1, neighbours), 0, neighbours.width(), (long) neighbours.count() * width);
    }

    /** (B, 1, W, C) to (B, above + 1, W, C), the rows above being those of earlier runs. */
    private String withRowsAbove(OnnxGraph graph, String row, int width, Taps.Neighbours taps) {
        int recurrent = state.getRecurrentsCount();
        int above = taps.above();
        state.addRecurrents(
                Recurrent.newBuilder().addShape(above).addShape(taps.width()).addShape(width));
        String past = graph.input("past_" + recurrent, DataType.FLOAT, "batch", above, taps.width(), width);
        String rows = graph.node("Concat", List.of(past, row), attribute("axis", 1));
        String present = "present_" + recurrent;
        List<String> kept = List.of(
                rows,
                graph.constant(new long[] {1}, 1),
                graph.constant(new long[] {above + 1}, 1),
                graph.constant(new long[] {1}, 1));
        graph.node("", "Slice", kept, List.of(present));
        graph.output(present, DataType.FLOAT, "batch", above, taps.width(), width);
        tensors.put("past." + recurrent, past);
        tensors.put("present." + recurrent, present);
        return rows;
    }
}
