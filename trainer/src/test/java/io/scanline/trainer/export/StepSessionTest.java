package io.scanline.trainer.export;

import static io.scanline.trainer.ops.OnnxGraph.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Autoregression;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.Memory;
import io.scanline.bundle.v1.Recurrent;
import io.scanline.bundle.v1.Ring;
import io.scanline.bundle.v1.RowInput;
import io.scanline.bundle.v1.State;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.OnnxGraph;
import io.scanline.trainer.ops.Taps;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** State of every kind, in graphs that count: what a session hands them shows in the logits. */
class StepSessionTest {
    private static final int COLUMNS = 3;
    private static final int ROWS = 3;
    private static final int VALUES = COLUMNS * ROWS;
    private static final int LEVELS = 3;

    @Test
    void graphsAreGivenWhatEarlierRunsWrote() throws OrtException {
        byte[] image = {0, 1, 2, 1, 2, 0, 2, 2, 1};
        try (StepSession session = new StepSession(counting(), 2)) {
            for (int time = 0; time < 2; time++) { // the second images start anew
                float[] logits = session.stepLogits(List.of(image, new byte[VALUES]), new int[2]);
                for (int i = 0; i < VALUES; i++) {
                    float[] first = Arrays.copyOfRange(logits, i * LEVELS, (i + 1) * LEVELS);
                    int row = i / COLUMNS;
                    int above = row == 0 ? LEVELS : image[i - COLUMNS];
                    int writtenAbove = row == 0 ? 0 : i - COLUMNS + 1;
                    assertThat(first)
                            .as("value %d", i)
                            .containsExactly(i, 2 * i, writtenAbove + 100 * above + 1000 * row);
                }
            }
        }
    }

    @Test
    void graphWithoutAKeyValueCacheTakesOnePositionAtATime() throws OrtException {
        try (StepSession session = new StepSession(counting(), 1)) {
            assertThat(session.takesSeveral()).isFalse();
            assertThatThrownBy(() -> session.logits(List.of(new byte[VALUES]), new int[1], 0, 2))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void bundleWithoutAStepGraphHasNoSession() {
        assertThatThrownBy(() -> new StepSession(new StoredBundle(Bundle.getDefaultInstance(), Map.of()), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no step graph");
    }

    private static StoredBundle counting() {
        OnnxGraph step = new OnnxGraph("step");
        OnnxGraph row = new OnnxGraph("row");
        Bundle bundle = Bundle.newBuilder()
                .setGeometry(ImageGeometry.newBuilder()
                        .setWidth(COLUMNS)
                        .setHeight(ROWS)
                        .setChannels(1)
                        .setLevels(LEVELS))
                .setAutoregression(
                        Autoregression.newBuilder().setSteps(VALUES).addContext(Taps.offset(0, -1)))
                .addGraphs(step(step))
                .addGraphs(row(row))
                .build();
        return new StoredBundle(
                bundle,
                Map.of("step.onnx", step.build().toByteArray(), "row.onnx", row.build().toByteArray()));
    }

    /** Logits (what the step before wrote, the recurrent number, the row's feature); writes one more than it read. */
    private static Graph step(OnnxGraph graph) {
        graph.input("context", DataType.INT64, "batch", "positions", 1);
        graph.input("position", DataType.INT64, "batch", "positions");
        graph.input("features", DataType.FLOAT, "batch", "positions", 1);
        graph.input("read", DataType.FLOAT, "batch", 1, 1);
        graph.input("past", DataType.FLOAT, "batch", 1, 1);
        String more = graph.node("Add", List.of("read", graph.constant("one", new float[] {1})));
        graph.rename(graph.reshape(more, -1, 1), "write");
        graph.rename(graph.node("Add", List.of("past", graph.constant("two", new float[] {2}))), "present");
        graph.rename(graph.node("Concat", List.of("read", "past", "features"), attribute("axis", 2)), "logits");
        graph.output("write", DataType.FLOAT, "batch", 1);
        graph.output("present", DataType.FLOAT, "batch", 1, 1);
        graph.output("logits", DataType.FLOAT, "batch", "positions", LEVELS);
        return Graph.newBuilder()
                .setRole("step")
                .setFile("step.onnx")
                .putAllTensors(Map.of(
                        "context", "context",
                        "position", "position",
                        "features", "features",
                        "logits", "logits",
                        "read.0", "read",
                        "write.0", "write",
                        "past.0", "past",
                        "present.0", "present"))
                .setState(State.newBuilder()
                        .addMemories(Memory.newBuilder().setWidth(1).setRing(Ring.newBuilder().addLags(1)))
                        .addRecurrents(Recurrent.newBuilder().addShape(1).addShape(1)))
                .build();
    }

    /** Features: what the steps above wrote, plus 100 times the value above, plus a recurrent number that grows by 1000. */
    private static Graph row(OnnxGraph graph) {
        graph.input("above", DataType.INT64, "batch", 1, COLUMNS);
        graph.input("row", DataType.INT64, "batch");
        graph.input("previous", DataType.FLOAT, "batch", COLUMNS, 1);
        graph.input("past", DataType.FLOAT, "batch", 1, 1);
        graph.rename(graph.node("Add", List.of("past", graph.constant("thousand", new float[] {1000}))), "present");
        String above = graph.reshape(
                graph.node("Cast", List.of("above"), attribute("to", DataType.FLOAT_VALUE)), 0, COLUMNS, 1);
        String hundreds = graph.node("Mul", List.of(above, graph.constant("hundred", new float[] {100})));
        String sum = graph.node("Add", List.of("previous", hundreds));
        graph.rename(graph.node("Add", List.of(sum, "past")), "features");
        graph.output("present", DataType.FLOAT, "batch", 1, 1);
        graph.output("features", DataType.FLOAT, "batch", COLUMNS, 1);
        return Graph.newBuilder()
                .setRole("row")
                .setFile("row.onnx")
                .putAllTensors(Map.of(
                        "above", "above",
                        "row", "row",
                        "previous.0", "previous",
                        "features", "features",
                        "past.0", "past",
                        "present.0", "present"))
                .setState(State.newBuilder().addRecurrents(Recurrent.newBuilder().addShape(1).addShape(1)))
                .setRow(RowInput.newBuilder().setAbove(1).setFeatures(1).addPrevious(0))
                .build();
    }
}
