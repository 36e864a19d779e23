package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import io.scanline.bundle.v1.Recurrent;
import io.scanline.bundle.v1.State;
import io.scanline.trainer.onnx.TensorProto.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

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
    public String attendNearby(OnnxGraph graph, String qkv, int heads, int headSize, Taps.Neighbours neighbours) {
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
        String past = past(graph, above, taps.width(), width);
        String rows = graph.node("Concat", List.of(past, row), attribute("axis", 1));
        List<String> kept = List.of(
                rows,
                graph.constant(new long[] {1}, 1),
                graph.constant(new long[] {above + 1}, 1),
                graph.constant(new long[] {1}, 1));
        graph.node("", "Slice", kept, List.of(present(graph, recurrent)));
        return rows;
    }

    @Override
    public String recur(OnnxOps ops, OnnxGraph graph, String x, Recurrence recurrence) {
        throw new UnsupportedOperationException("recurrences over a row that is not complete");
    }

    /**
     * Writes down a recurrence to the left over the row above this one, which is complete.
     *
     * @param x (B, W, C): what the recurrence is given in that row
     * @param isThere (B, 1, 1): 1 where there is such a row, 0 for the first row of an image
     * @return (B, W, h): what the positions of this row are given of it
     */
    public String recurAbove(OnnxOps ops, OnnxGraph graph, String x, String isThere, Recurrence recurrence) {
        String input = ops.multiply(recurrence.input(ops, x), isThere); // zeros beget zeros
        int first = state.getRecurrentsCount();
        List<List<String>> pasts = new ArrayList<>(); // of every carried vector that crosses rows, by column
        for (Recurrence.Carried carried : recurrence.carried()) {
            boolean crossesRows = carried.offsets().stream().anyMatch(offset -> offset.getRows() < 0);
            pasts.add(crossesRows
                    ? graph.split(past(graph, recurrence.columns(), carried.width()), 1, recurrence.columns())
                    : List.of());
        }
        List<List<String>> rows = new RowScan(ops, graph, recurrence).apply(input, pasts);
        int recurrent = first;
        for (int carried = 0; carried < rows.size(); carried++) {
            if (!pasts.get(carried).isEmpty()) {
                graph.node(
                        "", "Concat", rows.get(carried), List.of(present(graph, recurrent++)), attribute("axis", 1));
            }
        }
        return graph.node("Concat", rows.get(0), attribute("axis", 1));
    }

    /** Adds a recurrent tensor of this shape. */
    private String past(OnnxGraph graph, Integer... shape) {
        int recurrent = state.getRecurrentsCount();
        state.addRecurrents(Recurrent.newBuilder().addAllShape(List.of(shape)));
        String past = graph.input("past_" + recurrent, DataType.FLOAT, dimensions(recurrent));
        tensors.put("past." + recurrent, past);
        return past;
    }

    /** Declares what a node, to be written, hands on as a recurrent tensor. */
    private String present(OnnxGraph graph, int recurrent) {
        String present = "present_" + recurrent;
        graph.output(present, DataType.FLOAT, dimensions(recurrent));
        tensors.put("present." + recurrent, present);
        return present;
    }

    private Object[] dimensions(int recurrent) {
        return Stream.concat(Stream.of("batch"), state.getRecurrents(recurrent).getShapeList().stream()).toArray();
    }
}
