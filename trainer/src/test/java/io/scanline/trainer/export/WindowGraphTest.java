package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import com.google.protobuf.InvalidProtocolBufferException;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.Memory;
import io.scanline.contract.CausalContext;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.models.ImageTransformer;
import io.scanline.trainer.models.TinyNetwork;
import io.scanline.trainer.ops.Libtorch;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The window graph computes what steps do, bit for bit; models that recur have none. */
class WindowGraphTest {
    private static final ImageShape SHAPE = new ImageShape(5, 4, 6, 3);
    private static final int LABEL = 1;

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    /** ONNX Runtime adds up otherwise where a product has a single row, as one head would make it. */
    private static TinyNetwork oneHead() {
        ImageTransformer.Neighbourhood area = new ImageTransformer.Neighbourhood(3, 2);
        return TinyNetwork.of(
                "one head of 2D local attention", SHAPE,
                new ImageTransformer.Config(16, 2, 1, 12, 1, null, area, true));
    }

    private static StoredBundle windowed(String family) throws InvalidProtocolBufferException {
        TinyNetwork tiny = Stream.concat(TinyNetwork.ofEveryFamily(SHAPE), Stream.of(oneHead()))
                .filter(network -> network.name().equals(family))
                .findFirst()
                .orElseThrow();
        return WindowGraph.addTo(StepGraph.bundle(tiny.network(), tiny.parameters().values()));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "PixelCNN by class", "PixelCNN", "WaveNet by class", "2D local attention", "2D local attention by class",
        "one head of 2D local attention"
    })
    void oneWindowOverAWholeImageGivesTheLogitsOfItsSteps(String family) throws Exception {
        StoredBundle stored = windowed(family);
        byte[] image = TinyNetwork.image(SHAPE, 1);
        float[] steps;
        try (StepSession session = new StepSession(stored, 1)) {
            steps = session.stepLogits(List.of(image), new int[] {LABEL});
        }
        assertThat(whole(stored, image)).isEqualTo(steps);
    }

    @Test
    void onlyModelsWithMemoriesAndWithoutRecurrencesHaveOne() throws Exception {
        Stream<String> families = TinyNetwork.ofEveryFamily(SHAPE)
                .map(TinyNetwork::name)
                .filter(name -> !name.endsWith("by class"));
        List<String> have = new ArrayList<>();
        for (String family : families.toList()) {
            Optional<Graph> window = windowed(family).graph(WindowGraph.ROLE);
            window.ifPresent(graph -> have.add(family));
        }
        assertThat(have).containsExactly("2D local attention", "PixelCNN", "Gated PixelCNN", "WaveNet");
    }

    @Test
    void addingItAgainChangesNothing() throws Exception {
        StoredBundle once = windowed("PixelCNN");
        StoredBundle twice = WindowGraph.addTo(once);
        assertThat(twice.bundle()).isEqualTo(once.bundle());
        assertThat(twice.graphs().get("window.onnx")).isEqualTo(once.graphs().get("window.onnx"));
    }

    /** All positions of an image in one run: nothing lies before it, so that one vector of zeros is all that is read. */
    private static float[] whole(StoredBundle stored, byte[] image) throws OrtException {
        Graph window = stored.required(WindowGraph.ROLE);
        Map<String, String> names = window.getTensorsMap();
        List<Memory> memories = stored.required(StepGraph.ROLE).getState().getMemoriesList();
        CausalContext context = new CausalContext(
                stored.bundle().getGeometry(), stored.bundle().getAutoregression());
        int values = image.length;
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try (OrtSession session = stored.session(window)) {
            boolean ofSlots = rank(session, names.get("read.0")) == 3; // positions beside each other, or rows of a batch
            int rows = ofSlots ? 1 : values;
            HostTensor shown = HostTensor.ofLongs(rows, values / rows, context.size());
            HostTensor position = HostTensor.ofLongs(rows, values / rows);
            HostTensor label = HostTensor.ofLongs(rows);
            long[] gathered = new long[values * context.size()];
            for (int i = 0; i < values; i++) {
                context.gather(image, i, gathered, i * context.size());
                position.longs().put(i, i);
            }
            for (int row = 0; row < rows; row++) {
                label.longs().put(row, LABEL);
            }
            shown.longs().put(gathered);
            inputs.put(names.get("context"), shown.tensor());
            inputs.put(names.get("position"), position.tensor());
            if (names.containsKey("label")) {
                inputs.put(names.get("label"), label.tensor());
            }
            List<HostTensor> owned = new ArrayList<>(List.of(shown, position, label));
            for (int m = 0; m < memories.size(); m++) {
                int width = memories.get(m).getWidth();
                HostTensor zeros = ofSlots ? HostTensor.ofFloats(1, 1, width) : HostTensor.ofFloats(1, width);
                owned.add(zeros);
                inputs.put(names.get("read." + m), zeros.tensor());
                if (names.containsKey("source." + m)) {
                    HostTensor source = sources(memories.get(m), values, ofSlots);
                    owned.add(source);
                    inputs.put(names.get("source." + m), source.tensor());
                }
            }
            try (OrtSession.Result result = session.run(inputs)) {
                FloatBuffer logits = ((OnnxTensor) result.get(names.get("logits")).orElseThrow()).getFloatBuffer();
                float[] all = new float[logits.remaining()];
                logits.get(all);
                return all;
            } finally {
                owned.forEach(HostTensor::close);
            }
        }
    }

    private static int rank(OrtSession session, String input) throws OrtException {
        return ((TensorInfo) session.getInputInfo().get(input).getInfo()).getShape().length;
    }

    private static HostTensor sources(Memory memory, int values, boolean ofSlots) throws OrtException {
        int[][] reads = memory.hasRing()
                ? memory.getRing().getLagsList().stream().map(lag -> new int[] {0, -lag}).toArray(int[][]::new)
                : memory.getRowCache().getOffsetsList().stream()
                        .map(offset -> new int[] {offset.getRows(), offset.getColumns()})
                        .toArray(int[][]::new);
        HostTensor source = ofSlots
                ? HostTensor.ofLongs(1, values, reads.length)
                : HostTensor.ofLongs(values, reads.length);
        for (int i = 0; i < values; i++) {
            for (int r = 0; r < reads.length; r++) {
                int column = i % SHAPE.width() + reads[r][1];
                int read = i + reads[r][0] * SHAPE.width() + reads[r][1];
                boolean inside = memory.hasRing() || column >= 0 && column < SHAPE.width();
                source.longs().put(i * reads.length + r, inside && read >= 0 ? read : values);
            }
        }
        return source;
    }
}
