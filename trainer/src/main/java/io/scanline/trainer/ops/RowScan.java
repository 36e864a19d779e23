package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import io.scanline.bundle.v1.Offset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A recurrence to the left over one row, position by position.
 *
 * @param ops that write into the graph
 */
record RowScan(OnnxOps ops, OnnxGraph graph, Recurrence recurrence) {
    /**
     * Writes it down.
     *
     * @param input (B, W, D)
     * @param above for every carried vector those of the row above by column, each (B, 1, h); none where it is not read
     * @return for every carried vector those of the row by column, each (B, 1, h)
     */
    List<List<String>> apply(String input, List<List<String>> above) {
        int columns = recurrence.columns();
        List<String> inputs = graph.split(input, 1, columns); // (B, 1, D)
        List<String> zeros = recurrence.carried().stream()
                .map(carried -> new OnnxShapes(graph).zeros(inputs.get(0), carried.width()))
                .toList();
        String[][] rows = new String[zeros.size()][columns];
        for (int column = columns - 1; column >= 0; column--) {
            List<String> read = new ArrayList<>();
            for (int carried = 0; carried < zeros.size(); carried++) {
                List<String> parts = new ArrayList<>();
                for (Offset offset : recurrence.carried().get(carried).offsets()) {
                    recurrence.sweep().shift(offset); // known by now
                    int source = column + offset.getColumns();
                    boolean outside = source < 0 || source >= columns;
                    List<String> row = offset.getRows() < 0 ? above.get(carried) : Arrays.asList(rows[carried]);
                    parts.add(outside ? zeros.get(carried) : row.get(source));
                }
                read.add(parts.size() == 1 ? parts.get(0) : graph.node("Concat", parts, attribute("axis", -1)));
            }
            List<String> handedOn = recurrence.step(ops, inputs.get(column), read);
            for (int carried = 0; carried < zeros.size(); carried++) {
                rows[carried][column] = handedOn.get(carried);
            }
        }
        return Arrays.stream(rows).map(Arrays::asList).toList();
    }
}
