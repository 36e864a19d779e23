package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import com.google.protobuf.ByteString;
import io.scanline.bundle.v1.Element;
import io.scanline.bundle.v1.Graph;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.models.ImageTransformer;
import io.scanline.trainer.models.TinyNetwork;
import io.scanline.trainer.onnx.GraphProto;
import io.scanline.trainer.onnx.ModelProto;
import io.scanline.trainer.onnx.NodeProto;
import io.scanline.trainer.onnx.TensorProto;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.training.Parameters;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps in 8-bit integers, of a transformer with full and local attention whose widths are no powers of two. */
class Int8GraphTest {
    private static final ImageShape SHAPE = new ImageShape(9, 8, 6, 3);
    private static final ImageTransformer.Config CONFIG =
            new ImageTransformer.Config(48, 3, 3, 80, 1, List.of(0, 20, 0), null, true);
    private static final float FROM_FRESH = 0.3f;
    private static final int IMAGES = 16;

    private static final int SCALE_OF_ACTIVATIONS = 2; // places among the inputs of a product
    private static final int ZERO_OF_ACTIVATIONS = 4;

    private static StoredBundle plain;
    private static StoredBundle int8;
    private static List<byte[]> images;
    private static int[] labels;
    private static float[][] alone;

    @BeforeAll
    static void make() throws Exception {
        Libtorch.load();
        // As large as a training leaves them: fresh weights, some way towards large random ones in every parameter.
        TinyNetwork random = TinyNetwork.of("transformer", SHAPE, CONFIG);
        Parameters trained = Parameters.initial(random.network().parameters(), 1);
        trained.approach(random.parameters(), FROM_FRESH);
        plain = StepGraph.bundle(random.network(), trained.rounded().values());
        images = IntStream.range(0, IMAGES).mapToObj(seed -> TinyNetwork.image(SHAPE, seed)).toList();
        labels = IntStream.range(0, IMAGES).map(n -> n % SHAPE.classes()).toArray();
        int8 = exporter().make(line -> {}).in("int8");
        alone = new float[IMAGES][];
        try (StepSession session = new StepSession(int8, 1)) {
            for (int n = 0; n < IMAGES; n++) {
                alone[n] = session.stepLogits(List.of(images.get(n)), new int[] {labels[n]});
            }
        }
    }

    private static Int8Exporter exporter() {
        byte[] values = new byte[IMAGES * SHAPE.values()];
        for (int n = 0; n < IMAGES; n++) {
            System.arraycopy(images.get(n), 0, values, n * SHAPE.values(), SHAPE.values());
        }
        Int8Exporter.Shown all = Int8Exporter.Shown.plainly(new ImageSet(
                values, labels, SHAPE.width(), SHAPE.height(), 1, SHAPE.levels(), List.of("a", "b", "c")));
        return new Int8Exporter(plain, "random", all, all);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 8, 16})
    void slotHasTheSameBytesInEveryBatch(int batch) throws OrtException {
        try (StepSession session = new StepSession(int8, batch)) {
            float[] together = session.stepLogits(images.subList(0, batch), Arrays.copyOf(labels, batch));
            int length = together.length / batch;
            for (int n = 0; n < batch; n++) {
                assertThat(Arrays.copyOfRange(together, n * length, (n + 1) * length)).isEqualTo(alone[n]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 16})
    void slotHasTheSameBytesWhereverTheOthersAre(int batch) throws OrtException {
        try (RaggedSteps steps = new RaggedSteps(int8)) {
            float[][] together = steps.logits(images.subList(0, batch), Arrays.copyOf(labels, batch));
            for (int n = 0; n < batch; n++) {
                assertThat(together[n]).isEqualTo(alone[n]);
            }
        }
    }

    @Test
    void severalPositionsAtOnceHaveTheBytesOfSingleSteps() throws OrtException {
        int first = 7;
        int count = 30;
        try (StepSession session = new StepSession(int8, 1)) {
            for (int n = 0; n < 3; n++) {
                List<byte[]> image = List.of(images.get(n));
                int[] label = {labels[n]};
                assertThat(session.imageLogits(image, label)).isEqualTo(alone[n]);
                for (int i = 0; i < first; i++) {
                    session.logits(image, label, i, 1);
                }
                assertThat(session.logits(image, label, first, count))
                        .isEqualTo(Arrays.copyOfRange(
                                alone[n], first * SHAPE.levels(), (first + count) * SHAPE.levels()));
            }
        }
    }

    @Test
    void productsAndAttentionAreThoseOfDoublePrecision() throws IOException, OrtException {
        assertThat(parity(int8)).isLessThanOrEqualTo(1);
    }

    @Test
    void otherAttentionIsNotTakenForIt() throws IOException, OrtException {
        assertThat(parity(changed("int8.sinks_1", new byte[3 * Float.BYTES]))).isGreaterThan(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {ZERO_OF_ACTIVATIONS, SCALE_OF_ACTIVATIONS})
    void productOfOtherBytesIsNotTakenForIt(int input) throws IOException, OrtException {
        ModelProto.Builder model = ModelProto.parseFrom(onnx(int8)).toBuilder();
        List<NodeProto.Builder> products = model.getGraphBuilder().getNodeBuilderList().stream()
                .filter(node -> node.getOpType().equals("MatMulIntegerToFloat"))
                .toList();
        products.get(1).setInput(input, products.get(2).getInput(input));
        assertThat(parity(with(model.build()))).isGreaterThan(1);
    }

    @Test
    void activationsBeyondTheRangeAreCutOff() throws IOException, OrtException {
        String scale = ModelProto.parseFrom(onnx(int8)).getGraph().getNodeList().stream()
                .filter(node -> node.getOpType().equals("QuantizeLinear"))
                .findFirst()
                .orElseThrow()
                .getInput(1);
        byte[] small = {0x0a, (byte) 0xd7, 0x23, 0x3b}; // 0.0025
        StoredBundle narrow = changed(scale, small);
        assertThat(parity(narrow)).isLessThanOrEqualTo(1);
        try (StepSession session = new StepSession(narrow, 1)) {
            assertThat(session.stepLogits(images.subList(0, 1), new int[] {labels[0]})).isNotEqualTo(alone[0]);
        }
    }

    @Test
    void logitsAreNearThoseInSinglePrecision() throws OrtException {
        double difference = 0;
        double size = 0;
        try (StepSession session = new StepSession(plain, 1)) {
            for (int n = 0; n < IMAGES; n++) {
                float[] exact = session.stepLogits(List.of(images.get(n)), new int[] {labels[n]});
                for (int i = 0; i < exact.length; i++) {
                    difference += Math.pow(exact[i] - alone[n][i], 2);
                    size += Math.pow(exact[i], 2);
                }
            }
        }
        assertThat(Math.sqrt(difference / size)).isBetween(1e-4, 0.05);
    }

    @Test
    void graphHoldsBytesAndNoWeightsBeside() throws IOException {
        Graph step = int8.required("step");
        Graph before = plain.required("step");
        assertThat(step.getVariant()).isEqualTo("int8");
        assertThat(step.getTensorsMap()).isEqualTo(before.getTensorsMap());
        assertThat(step.getState().getKeyValueCache().getElement()).isEqualTo(Element.ELEMENT_INT8);
        assertThat(step.getState().getKeyValueCache().toBuilder().clearElement().build())
                .isEqualTo(before.getState().getKeyValueCache());
        GraphProto graph = ModelProto.parseFrom(onnx(int8)).getGraph();
        assertThat(graph.getNodeList())
                .filteredOn(node -> node.getOpType().equals("MatMulIntegerToFloat"))
                .hasSize(13)
                .allSatisfy(node -> assertThat(node.getInput(6)).endsWith("bias"));
        assertThat(graph.getNodeList()).filteredOn(node -> node.getOpType().equals("MatMul")).hasSize(1); // looks up
        assertThat(graph.getInitializerList())
                .filteredOn(constant -> constant.getName().contains("weight"))
                .allSatisfy(constant -> assertThat(constant.getName()).startsWith("int8."))
                .filteredOn(constant -> !constant.getName().endsWith(".scales"))
                .hasSize(13)
                .allSatisfy(constant -> assertThat(constant.getDataType()).isEqualTo(DataType.INT8_VALUE));
        assertThat(graph.getInputList())
                .filteredOn(input -> input.getName().startsWith("past_"))
                .hasSize(6)
                .allSatisfy(input -> assertThat(input.getType().getTensorType().getElemType())
                        .isEqualTo(DataType.INT8_VALUE));
    }

    @Test
    void bundleIsThatInSinglePrecisionUnlessAVariantIsAskedFor() throws IOException, OrtException {
        StoredBundle both = exporter().make(line -> {});
        assertThat(both.variants()).containsExactly("int8");
        assertThat(both.required("step")).isEqualTo(plain.required("step"));
        assertThat(both.in("fp32").bundle()).isEqualTo(plain.bundle());
        assertThat(both.in("int8").bundle().getGraphsList()).containsExactly(int8.required("step"));
    }

    private static double parity(StoredBundle stored) throws IOException, OrtException {
        try (Int8Parity parity = new Int8Parity(stored, Conditions.NONE, 40)) { // twice a window
            return parity.largest(images.get(0), labels[0]);
        }
    }

    private static byte[] onnx(StoredBundle stored) {
        return stored.onnx(stored.required("step"));
    }

    private static StoredBundle changed(String constant, byte... content) throws IOException {
        ModelProto.Builder model = ModelProto.parseFrom(onnx(int8)).toBuilder();
        List<TensorProto> constants = new ArrayList<>(model.getGraph().getInitializerList());
        constants.replaceAll(each -> each.getName().equals(constant)
                ? each.toBuilder().setRawData(ByteString.copyFrom(content)).build()
                : each);
        assertThat(constants).isNotEqualTo(model.getGraph().getInitializerList());
        model.getGraphBuilder().clearInitializer().addAllInitializer(constants);
        return with(model.build());
    }

    private static StoredBundle with(ModelProto model) {
        Map<String, byte[]> files = new HashMap<>(int8.graphs());
        files.put(int8.required("step").getFile(), model.toByteArray());
        return new StoredBundle(int8.bundle(), files);
    }
}
