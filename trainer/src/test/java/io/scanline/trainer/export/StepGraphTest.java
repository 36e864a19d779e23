package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.Memory;
import io.scanline.bundle.v1.State;
import io.scanline.trainer.models.DiagonalBiLstm;
import io.scanline.trainer.models.GatedPixelCnn;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.models.ImageTransformer;
import io.scanline.trainer.models.PixelCnn;
import io.scanline.trainer.models.RowLstm;
import io.scanline.trainer.models.TinyNetwork;
import io.scanline.trainer.models.WaveNet;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.training.Parameters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The exported graphs of every autoregressive family compute what libtorch does. */
class StepGraphTest {
    private static final ImageShape SHAPE = new ImageShape(5, 4, 6, 3);

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    static Stream<TinyNetwork> networks() {
        return TinyNetwork.ofEveryFamily(SHAPE);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void fullGraphAndCachedStepsGiveTheLogitsOfLibtorch(TinyNetwork tiny) throws OrtException {
        byte[] full = StepGraph.full(tiny.network(), tiny.parameters().values()).toByteArray();
        ParityCheck.Differences differences = ParityCheck.DEFAULT.check(
                tiny.network(), tiny.parameters(), full, bundle(tiny), TinyNetwork.image(SHAPE, 1), 2);
        assertThat(differences.largest()).isLessThan(1);
        assertThat(differences.cachedGraph().isPresent())
                .isEqualTo(bundle(tiny).graph("step").orElseThrow().getState().hasKeyValueCache());
    }

    @ParameterizedTest
    @MethodSource("networks")
    void otherWeightsAreNotTheSameNetwork(TinyNetwork tiny) {
        byte[] full = StepGraph.full(tiny.network(), tiny.parameters().values()).toByteArray();
        TinyNetwork other = new TinyNetwork(
                "other",
                tiny.network(),
                Parameters.initial(tiny.network().parameters(), 2));
        assertThatThrownBy(() -> ParityCheck.DEFAULT.check(
                        tiny.network(), tiny.parameters(), full, bundle(other), TinyNetwork.image(SHAPE, 1), 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("cached steps");
    }

    @ParameterizedTest
    @MethodSource("networks")
    void imageHasTheSameLogitsInEveryBatchAndAfterEveryImage(TinyNetwork tiny) throws OrtException {
        List<byte[]> images = List.of(
                TinyNetwork.image(SHAPE, 1), TinyNetwork.image(SHAPE, 2), TinyNetwork.image(SHAPE, 3));
        int[] labels = {0, 1, 2};
        float[] together;
        try (StepSession session = new StepSession(bundle(tiny), 3)) {
            together = session.stepLogits(images, labels);
        }
        int length = together.length / 3;
        try (StepSession session = new StepSession(bundle(tiny), 1)) {
            for (int n = 0; n < 3; n++) {
                float[] alone = session.stepLogits(List.of(images.get(n)), new int[] {labels[n]});
                assertThat(alone).isEqualTo(Arrays.copyOfRange(together, n * length, (n + 1) * length));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void goldenSamplesAreWhatTheSamplerDraws(TinyNetwork tiny, @TempDir Path directory)
            throws IOException, OrtException {
        StoredBundle stored = bundle(tiny);
        List<GoldenSample> samples = GoldenSamples.write(stored, directory);
        assertThat(samples).hasSize(3);
        try (StepSession session = new StepSession(stored, 2)) {
            for (GoldenSample sample : samples) {
                int[] labels = {sample.getLabel(), 1};
                byte[] drawn = new Sampler(stored.bundle(), session)
                        .draw(labels, sample.getSeed(), 0, sample.getTemperature())
                        .get(0);
                byte[] golden = Files.readAllBytes(directory.resolve(sample.getPixels()));
                assertThat(drawn).isEqualTo(golden);
                float[] logits = new float[golden.length * SHAPE.levels()];
                ByteBuffer.wrap(Files.readAllBytes(directory.resolve(sample.getLogits())))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer()
                        .get(logits);
                float[] replayed = session.stepLogits(List.of(golden, TinyNetwork.image(SHAPE, 4)), labels);
                assertThat(Arrays.copyOf(replayed, logits.length)).isEqualTo(logits);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void onlyModelsThatKnowOfClassesAreGivenOne(TinyNetwork tiny) {
        bundle(tiny).bundle().getGraphsList().forEach(graph ->
                assertThat(graph.containsTensors("label")).isEqualTo(tiny.network().shape().hasClasses()));
    }

    @Test
    void pixelCnnRemembersTheNeighboursOfItsMask() {
        State state = state(TinyNetwork.of("PixelCNN", SHAPE, new PixelCnn.Config(5, 2, 2, 6, true)), "step");
        assertThat(state.hasKeyValueCache()).isFalse();
        assertThat(state.getRecurrentsList()).isEmpty();
        assertThat(state.getMemoriesList()).hasSize(2).allSatisfy(memory -> {
            assertThat(memory.getWidth()).isEqualTo(5);
            assertThat(memory.getRowCache().getOffsetsList())
                    .extracting(offset -> offset.getRows() + "," + offset.getColumns())
                    .containsExactly("-1,-1", "-1,0", "-1,1", "0,-1");
        });
    }

    @Test
    void attentionToNeighboursRemembersKeysAndValuesAndWhoIsThere() {
        ImageTransformer.Neighbourhood area = new ImageTransformer.Neighbourhood(1, 2);
        ImageTransformer.Config config = new ImageTransformer.Config(6, 2, 3, 8, 1, null, area, false);
        State state = state(TinyNetwork.of("2D local attention", SHAPE, config), "step");
        assertThat(state.hasKeyValueCache()).isFalse();
        assertThat(state.getMemoriesList())
                .extracting(StepGraphTest::described)
                .hasSize(2)
                .containsOnly("13: [-1,-2, -1,-1, -1,0, -1,1, -1,2, 0,-2, 0,-1]");
    }

    @Test
    void waveNetRemembersOneStepBackForEachDilation() {
        WaveNet.Config config = new WaveNet.Config(6, 5, List.of(1, 2, 4), false);
        State state = state(TinyNetwork.of("WaveNet", SHAPE, config), "step");
        assertThat(state.getMemoriesList())
                .extracting(memory -> memory.getRing().getLagsList())
                .containsExactly(List.of(1), List.of(2), List.of(4));
    }

    @Test
    void gatedPixelCnnHandsItsVerticalStackFromRowToRow() {
        TinyNetwork tiny = TinyNetwork.of("Gated PixelCNN", SHAPE, new GatedPixelCnn.Config(5, 3, 2, 6, true));
        assertThat(state(tiny, "row").getRecurrentsList())
                .hasSize(2)
                .allSatisfy(recurrent -> assertThat(recurrent.getShapeList()).containsExactly(1, 5, 5));
        assertThat(state(tiny, "step").getMemoriesList())
                .hasSize(2)
                .allSatisfy(memory -> assertThat(memory.getRowCache().getOffsetsList())
                        .extracting(offset -> offset.getRows() + "," + offset.getColumns())
                        .containsExactly("0,-1"));
        assertThat(bundle(tiny).graph("row").orElseThrow().getRow())
                .satisfies(row -> assertThat(row.getAbove()).isEqualTo(2))
                .satisfies(row -> assertThat(row.getFeatures()).isEqualTo(30));
    }

    @Test
    void rowLstmRemembersTheHiddenRowAboveAndOneCell() {
        State state = state(TinyNetwork.of("Row LSTM", SHAPE, new RowLstm.Config(4, 1, 1, 6, false)), "step");
        assertThat(state.getMemoriesList())
                .extracting(StepGraphTest::described)
                .containsExactly("8: [0,-1]", "4: [-1,-1, -1,0, -1,1]", "4: [-1,0]");
        assertThat(state.getRecurrentsList()).isEmpty();
    }

    @Test
    void diagonalBiLstmLeavesTheDirectionToTheLeftToTheRowGraph() {
        TinyNetwork tiny = TinyNetwork.of("Diagonal BiLSTM", SHAPE, new DiagonalBiLstm.Config(4, 2, 1, 6, false));
        assertThat(state(tiny, "step").getMemoriesList())
                .extracting(StepGraphTest::described)
                .containsExactly("4: [0,-1, -1,0]", "4: [0,-1]", "8: []", "4: [0,-1, -1,0]", "4: [0,-1]", "8: []");
        assertThat(bundle(tiny).graph("step").orElseThrow().getTensorsMap())
                .containsKeys("features", "write.2", "write.5")
                .doesNotContainKeys("read.2", "read.5");
        Graph row = bundle(tiny).graph("row").orElseThrow();
        assertThat(row.getRow().getPreviousList()).containsExactly(2, 5);
        assertThat(row.getRow().getFeatures()).isEqualTo(8);
        assertThat(row.getTensorsMap()).containsKeys("previous.2", "previous.5").doesNotContainKey("above");
        assertThat(row.getState().getRecurrentsList())
                .hasSize(2)
                .allSatisfy(recurrent -> assertThat(recurrent.getShapeList()).containsExactly(5, 4));
    }

    private static String described(Memory memory) {
        return memory.getRowCache().getOffsetsList().stream()
                .map(offset -> offset.getRows() + "," + offset.getColumns())
                .collect(Collectors.joining(", ", memory.getWidth() + ": [", "]"));
    }

    private static StoredBundle bundle(TinyNetwork tiny) {
        return StepGraph.bundle(tiny.network(), tiny.parameters().values());
    }

    private static State state(TinyNetwork tiny, String role) {
        return bundle(tiny).graph(role).orElseThrow().getState();
    }
}
