package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.bundle.v1.Memory;
import io.scanline.bundle.v1.Offset;
import io.scanline.bundle.v1.Recurrent;
import io.scanline.bundle.v1.RowInput;
import io.scanline.bundle.v1.State;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every mistake in the description of a state or of a row graph, and what is said about it. */
@Timeout(60)
class StateDescriptionTest {
    @TempDir
    private Path repository;

    private static State.Builder state(Bundle.Builder bundle) {
        return bundle.getGraphsBuilder(0).getStateBuilder();
    }

    private static Memory.Builder memory(Bundle.Builder bundle) {
        return state(bundle).getMemoriesBuilder(0);
    }

    private static Graph.Builder rowGraph(Bundle.Builder bundle) {
        return bundle.getGraphsBuilder(1);
    }

    private static RowInput.Builder row(Bundle.Builder bundle) {
        return rowGraph(bundle).getRowBuilder();
    }

    private static Arguments ring(String says, Consumer<Bundle.Builder> change) {
        return Arguments.of(TinyBundle.RING, says, change);
    }

    private static Arguments offset(int rows, int columns) {
        Consumer<Bundle.Builder> change = b -> memory(b).getRowCacheBuilder()
                .setOffsets(0, Offset.newBuilder().setRows(rows).setColumns(columns));
        return Arguments.of(
                TinyBundle.ROWS,
                "the offset of state.memories[0].rowCache (" + rows + ", " + columns
                        + ") does not lie before the predicted value or is too far away",
                change);
    }

    private static Arguments rows(String says, Consumer<Bundle.Builder> change) {
        return Arguments.of(TinyBundle.ROW_GRAPH, says, change);
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                ring("state.memories[0].width is 0; it must be 1 to 65536", b -> memory(b).setWidth(0)),
                ring("state.memories[0].width is 65537;", b -> memory(b).setWidth(65537)),
                ring("a lag of state.memories[0].ring is 0; it must be 1 to 36",
                        b -> memory(b).getRingBuilder().setLags(0, 0)),
                ring("a lag of state.memories[0].ring is 37;", b -> memory(b).getRingBuilder().setLags(0, 37)),
                ring("state.memories[0] has neither a ring nor a rowCache", b -> memory(b).clearRing()),
                ring("nothing reads state.memories[0]", b -> memory(b).getRingBuilder().clearLags()),
                ring("the number of reads of state.memories[0] is 257; it must be 0 to 256",
                        b -> memory(b).getRingBuilder().clearLags().addAllLags(Collections.nCopies(257, 1))),
                ring("the length of state.memories is 257;", b -> state(b)
                        .clearMemories()
                        .addAllMemories(Collections.nCopies(257, Memory.getDefaultInstance()))),
                ring("has a keyValueCache beside memories or recurrents; it can be either",
                        b -> state(b).setKeyValueCache(KeyValueCache.newBuilder()
                                .setLayers(1).setHeads(1).setHeadSize(8).setPositions(36))),
                ring("the step graph takes features, but no graph of role \"row\"",
                        b -> b.getGraphsBuilder(0).putTensors("features", "features")),
                ring("the graph of role \"step\" has row", b -> b.getGraphsBuilder(0).getRowBuilder().setFeatures(1)),
                offset(0, 0),
                offset(0, 1),
                offset(1, -1),
                offset(-65, 0),
                offset(-1, 65),
                rows("the length of state.recurrents is 257;", b -> state(b)
                        .addAllRecurrents(Collections.nCopies(256, Recurrent.getDefaultInstance()))),
                rows("the length of state.recurrents[0].shape is 8; it must be 0 to 7", b -> state(b)
                        .getRecurrentsBuilder(0)
                        .addAllShape(Collections.nCopies(7, 1))),
                rows("a dimension of state.recurrents[0].shape is 0;",
                        b -> state(b).getRecurrentsBuilder(0).setShape(0, 0)),
                rows("state.recurrents[0].shape has more than 16777216 numbers a slot",
                        b -> state(b).getRecurrentsBuilder(0).clearShape().addShape(65536).addShape(257)),
                rows("the step graph takes features, but no graph of role \"row\"", b -> b.removeGraphs(1)),
                rows("the step graph has no tensor for features", b -> b.getGraphsBuilder(0).removeTensors("features")),
                rows("the graph of role \"row\" has no row", b -> rowGraph(b).clearRow()),
                rows("row.above is 65; it must be 0 to 64", b -> row(b).setAbove(65)),
                rows("row.features is 0; it must be 1 to 65536", b -> row(b).setFeatures(0)),
                rows("row.previous names memory 2; the step graph has 2", b -> row(b).setPrevious(0, 2)),
                rows("row.previous names memory 4294967295;", b -> row(b).setPrevious(0, -1)),
                rows("row.previous names memory 1 twice", b -> row(b).addPrevious(1)),
                rows("nothing reads state.memories[1]", b -> row(b).setPrevious(0, 0)),
                rows("but no keyValueCache and no memories",
                        b -> rowGraph(b).getStateBuilder().addMemories(memory(b))),
                rows("a dimension of state.recurrents[0].shape is 0;",
                        b -> rowGraph(b).getStateBuilder().getRecurrentsBuilder(0).setShape(0, 0)),
                rows("a graph of role \"row\" needs images of one channel, not 3", b -> {
                    b.getGeometryBuilder().setChannels(3);
                    b.getAutoregressionBuilder().setSteps(108);
                }));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void mistakeIsExplained(String model, String says, Consumer<Bundle.Builder> change) throws IOException {
        assertRefused(model, change, Reason.BUNDLE_DESCRIPTION_INVALID, says);
    }

    static Stream<Arguments> otherTensors() {
        return Stream.of(
                ring("step.onnx: the description names no tensor for \"read.0\"",
                        b -> b.getGraphsBuilder(0).removeTensors("read.0")),
                ring("step.onnx: the description names no tensor for \"write.1\"",
                        b -> b.getGraphsBuilder(0).removeTensors("write.1")),
                ring("step.onnx: tensor \"read_0\" is FLOAT[-1, 1, 8] in the graph; the description asks for "
                                + "FLOAT[-1, 2, 8] (-1: any)",
                        b -> memory(b).getRingBuilder().addLags(3)),
                ring("step.onnx: the graph wants inputs that the description does not name: [read_1]",
                        b -> state(b).removeMemories(1)),
                rows("step.onnx: tensor \"past_0\" is FLOAT[-1, 8]",
                        b -> state(b).getRecurrentsBuilder(0).setShape(0, 9)),
                rows("row.onnx: the description names no tensor for \"previous.0\"", b -> row(b).addPrevious(0)),
                rows("row.onnx: tensor \"above\" is INT64[-1, 2, 6] in the graph; the description asks for "
                                + "INT64[-1, 3, 6] (-1: any)",
                        b -> row(b).setAbove(3)),
                rows("row.onnx: the graph wants inputs that the description does not name: [past_0]",
                        b -> rowGraph(b).clearState()));
    }

    @ParameterizedTest
    @MethodSource("otherTensors")
    void graphThatHasOtherTensorsIsExplained(String model, String says, Consumer<Bundle.Builder> change)
            throws IOException {
        assertRefused(model, change, Reason.BUNDLE_GRAPH_INVALID, says);
    }

    private void assertRefused(String model, Consumer<Bundle.Builder> change, Reason reason, String says)
            throws IOException {
        Path bundle = TinyBundle.copyOf(model, repository, "bad");
        TinyBundle.edit(bundle, change);
        assertThatThrownBy(() -> BundleCheck.check(bundle, new EngineConfig(repository, 2, 4, 2, 1, 256L << 20)))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(reason);
                    assertThat(refused.getMessage()).contains(says);
                });
    }

    @Test
    void memoryThatOnlyTheRowGraphReadsNeedsNoReads() throws Exception {
        Path bundle = TinyBundle.copyOf(TinyBundle.ROW_GRAPH, repository, "good");
        assertThat(TinyBundle.verified(TinyBundle.ROW_GRAPH)
                        .stepGraph().getState().getMemories(1).getRowCache().getOffsetsCount())
                .isZero();
        assertThat(BundleCheck.check(bundle, new EngineConfig(repository, 2, 4, 2, 1, 256L << 20)).serving())
                .isTrue();
    }
}
