package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import com.google.protobuf.ByteString;
import io.scanline.bundle.v1.Element;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.contract.LevelSampler;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.models.ImageTransformer;
import io.scanline.trainer.models.ModelConfig;
import io.scanline.trainer.models.TextPrior;
import io.scanline.trainer.models.TinyNetwork;
import io.scanline.trainer.nn.TextEncoder;
import io.scanline.trainer.onnx.GraphProto;
import io.scanline.trainer.onnx.ModelProto;
import io.scanline.trainer.onnx.NodeProto;
import io.scanline.trainer.onnx.TensorProto;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.training.Parameters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chunks of a transformer with full and local attention; its images take chunks and windows of several lengths. */
class ChunkGraphTest {
    private static final ImageShape SHAPE = new ImageShape(9, 8, 6, 3);
    private static final ImageTransformer.Config CONFIG =
            new ImageTransformer.Config(48, 3, 3, 80, 1, List.of(0, 20, 0), null, true);
    private static final float FROM_FRESH = 0.3f;
    private static final int LENGTH = 16;
    private static final float NEARLY = 0.03f;
    /** Of those that ONNX Runtime documents to have kernels for CUDA in this version of ONNX and for these types. */
    private static final Set<String> ON_CUDA = Set.of(
            "Add", "And", "Cast", "Concat", "CumSum", "Div", "Exp", "Expand", "Gather", "GatherElements", "Gelu", "Greater",
            "GreaterOrEqual", "Identity", "Less", "LessOrEqual", "LogSoftmax", "Loop", "MatMul", "Min", "Mod", "Mul", "Or",
            "Range", "ReduceSum", "Reshape", "ScatterElements", "Shape", "SkipLayerNormalization", "Slice", "Softmax", "Split",
            "Squeeze", "Sub", "TopK", "Transpose", "Unsqueeze", "Where");

    private static StoredBundle plain;
    private static StoredBundle chunks;

    @BeforeAll
    static void make() throws IOException {
        Libtorch.load();
        plain = steps("transformer", CONFIG);
        chunks = chunks(plain);
    }

    /** As large as a training leaves it: fresh weights, some way towards large random ones in every parameter. */
    private static StoredBundle steps(String name, ModelConfig config) {
        TinyNetwork random = TinyNetwork.of(name, SHAPE, config);
        Parameters trained = Parameters.initial(random.network().parameters(), 1);
        trained.approach(random.parameters(), FROM_FRESH);
        return StepGraph.bundle(random.network(), trained.rounded().values());
    }

    private static StoredBundle chunks(StoredBundle steps) throws IOException {
        StepGraph graph = ChunkGraph.of(steps);
        Map<String, byte[]> files = new HashMap<>(steps.graphs());
        files.put(graph.description().getFile(), graph.model().toByteArray());
        return new StoredBundle(
                        steps.bundle().toBuilder().addGraphs(graph.description()).build(), files)
                .in("fp16");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void chunksOfEveryLengthDrawWhatStepsDraw(int label) throws OrtException {
        ChunkParity.Found found =
                new ChunkParity(plain, chunks, Conditions.NONE).check(label, 7 + label, SHAPE.values());
        assertThat(found.share()).isBetween(1e-6, 0.5);
        assertThat(found.drawn()).isGreaterThan(3 * SHAPE.values() * 3 / 4);
        assertThat(found.drawn() + found.given()).isEqualTo(3 * SHAPE.values());
    }

    @Test
    void otherStepsAreNotTakenForTheSame() throws IOException, OrtException {
        ModelProto.Builder model = ModelProto.parseFrom(plain.onnx(plain.required("step"))).toBuilder();
        List<TensorProto> constants = new ArrayList<>(model.getGraph().getInitializerList());
        constants.replaceAll(each -> each.getName().contains("block2.attention.projection.weight")
                ? each.toBuilder().setRawData(ByteString.copyFrom(new byte[each.getRawData().size()])).build()
                : each);
        model.getGraphBuilder().clearInitializer().addAllInitializer(constants);
        Map<String, byte[]> files = new HashMap<>(plain.graphs());
        files.put(plain.required("step").getFile(), model.build().toByteArray());
        StoredBundle other = chunks(new StoredBundle(plain.bundle(), files));
        assertThatThrownBy(() -> new ChunkParity(plain, other, Conditions.NONE).check(0, 7, SHAPE.values()))
                .isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 50})
    void whatIsCachedBehindTheFirstPositionIsNotRead(int more) throws OrtException {
        ChunkSampler.Image expected = drawn(LENGTH, 1, (short) 0);
        ChunkSampler.Image garbage = drawn(LENGTH, LENGTH + more, (short) 0x7E00); // not a number
        assertThat(garbage.values()).isEqualTo(expected.values());
        assertThat(garbage.logProbabilities()).isEqualTo(expected.logProbabilities());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 72})
    void boundariesBetweenChunksAreNearlyNothing(int length) throws OrtException {
        ChunkSampler.Image expected = drawn(LENGTH, 1, (short) 0);
        ChunkSampler.Image other = drawn(length, 1, (short) 0);
        assertThat(other.values()).isEqualTo(expected.values());
        for (int i = 0; i < SHAPE.values(); i++) {
            assertThat(other.logProbabilities()[i]).isCloseTo(expected.logProbabilities()[i], within(NEARLY));
        }
    }

    private static ChunkSampler.Image drawn(int length, int shown, short cached) throws OrtException {
        try (ChunkSession session = new ChunkSession(chunks, 1, Conditions.NONE)) {
            for (ByteBuffer cache : session.caches().values()) {
                for (int at = 0; at < cache.capacity(); at += Short.BYTES) {
                    cache.put(at, (byte) cached).put(at + 1, (byte) (cached >> Byte.SIZE));
                }
            }
            int[] free = new int[SHAPE.values()];
            Arrays.fill(free, ChunkSession.DRAW);
            return new ChunkSampler(chunks.bundle(), session, length).draw(1, 3, free, shown, 1);
        }
    }

    @Test
    void slotHasTheSameBytesWhoeverIsBesideItAndNearlyTheseAlone() throws OrtException {
        ChunkSession.Drawn alone = lastChunk(1, 0);
        ChunkSession.Drawn pair = lastChunk(2, 0);
        for (int batch : new int[] {3, 5, 16}) {
            for (int apart : new int[] {0, 16}) { // the others stand elsewhere
                ChunkSession.Drawn beside = lastChunk(batch, apart);
                assertThat(beside.values()).isEqualTo(pair.values());
                assertThat(beside.logProbabilities()).isEqualTo(pair.logProbabilities());
            }
        }
        assertThat(pair.values()).isEqualTo(alone.values());
        for (int i = 0; i < LENGTH; i++) {
            assertThat(pair.logProbabilities()[i]).isCloseTo(alone.logProbabilities()[i], within(NEARLY));
        }
    }

    /** Of slot 0 the third chunk, all slots having been given images of their own before. */
    private static ChunkSession.Drawn lastChunk(int batch, int apart) throws OrtException {
        try (ChunkSession session = new ChunkSession(chunks, batch, Conditions.NONE)) {
            List<ChunkSession.Drawn> drawn = List.of();
            for (int chunk = 0; chunk < 3; chunk++) {
                List<ChunkSession.Slot> slots = new ArrayList<>();
                for (int n = 0; n < batch; n++) {
                    byte[] image = TinyNetwork.image(SHAPE, n);
                    int first = Math.max(0, chunk * LENGTH - (n == 0 ? 0 : apart));
                    int[] given = new int[LENGTH];
                    float[] uniforms = new float[LENGTH];
                    for (int i = 0; i < LENGTH; i++) {
                        given[i] = chunk == 2 ? ChunkSession.DRAW : image[first + i];
                        uniforms[i] = ChunkSampler.uniform(n, 1, first + i);
                    }
                    slots.add(new ChunkSession.Slot(
                            image, n % 3, first, given, uniforms, ChunkSession.Choice.plain(SHAPE.levels(), n)));
                }
                drawn = session.run(slots);
            }
            return drawn.get(0);
        }
    }

    @Test
    void givenValuesAreTakenAndTheirProbabilityIsThatAtTemperatureOne() throws OrtException {
        byte[] image = TinyNetwork.image(SHAPE, 5);
        int[] given = new int[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            given[i] = image[i];
        }
        float[] logits;
        try (StepSession session = new StepSession(plain, 1)) {
            logits = session.imageLogits(List.of(image), new int[] {2});
        }
        LevelSampler sampler = new LevelSampler(SHAPE.levels());
        for (ChunkSession.Choice choice : List.of(
                ChunkSession.Choice.plain(SHAPE.levels(), 0), new ChunkSession.Choice(0, 1, 0.5f, 0, 0, 1))) {
            try (ChunkSession session = new ChunkSession(chunks, 1, Conditions.NONE)) {
                ChunkSession.Drawn drawn = session.run(
                                List.of(new ChunkSession.Slot(image, 2, 0, given, new float[LENGTH], choice)))
                        .get(0);
                assertThat(drawn.values()).isEqualTo(given);
                for (int i = 0; i < LENGTH; i++) {
                    assertThat((double) drawn.logProbabilities()[i])
                            .isCloseTo(sampler.logProbability(logits, i * SHAPE.levels(), given[i]), within(0.03));
                }
            }
        }
    }

    @Test
    void bothSlotsOfAGuidedImageDrawFromTheMixtureOfTheirLogits() throws IOException, OrtException {
        StoredBundle reading = steps(
                "text prior", new TextPrior.Config(16, 2, 2, 12, 1, new TextEncoder.Size(16, 4, 8, 1, 1, 8), 0));
        Random random = new Random(3);
        int width = (int) ModelProto.parseFrom(reading.onnx(reading.required("step"))).getGraph().getInputList().stream()
                .filter(input -> input.getName().equals("condition"))
                .findFirst()
                .orElseThrow()
                .getType()
                .getTensorType()
                .getShape()
                .getDim(1)
                .getDimValue();
        float[][] vectors = new float[2][width];
        for (float[] vector : vectors) {
            for (int i = 0; i < width; i++) {
                vector[i] = (float) random.nextGaussian() / 2;
            }
        }
        Conditions conditions = new Conditions(List.of(vectors[0], vectors[1]));
        float guidance = 2.5f;
        int count = 40;
        int[] values = new int[count];
        int[] given = new int[count];
        double[] nats = new double[count];
        stepsWithGuidance(reading, conditions, guidance, values, given, nats);
        try (ChunkSession session = new ChunkSession(chunks(reading), 2, conditions)) {
            byte[] image = new byte[SHAPE.values()];
            for (int first = 0; first < count; first += 8) {
                float[] uniforms = new float[8];
                for (int i = 0; i < 8; i++) {
                    uniforms[i] = ChunkSampler.uniform(9, 1, first + i);
                }
                int[] known = Arrays.copyOfRange(given, first, first + 8);
                ChunkSession.Choice guided = new ChunkSession.Choice(1, SHAPE.levels(), 1, 0, 1, guidance);
                List<ChunkSession.Drawn> drawn = session.run(List.of(
                        new ChunkSession.Slot(image, 0, first, known, uniforms, guided),
                        new ChunkSession.Slot(image, 1, first, known, uniforms, guided)));
                assertThat(drawn.get(1).values()).isEqualTo(drawn.get(0).values());
                assertThat(drawn.get(1).logProbabilities()).isEqualTo(drawn.get(0).logProbabilities());
                assertThat(drawn.get(0).values()).isEqualTo(Arrays.copyOfRange(values, first, first + 8));
                for (int i = 0; i < 8; i++) {
                    image[first + i] = (byte) drawn.get(0).values()[i];
                    assertThat((double) drawn.get(0).logProbabilities()[i]).isCloseTo(nats[first + i], within(0.03));
                }
            }
        }
        assertThat(Arrays.stream(given).filter(value -> value == ChunkSession.DRAW).count()).isGreaterThan(count / 2);
    }

    /** What steps in fp32 draw with guidance; what hardly falls to a value is to be given. */
    private static void stepsWithGuidance(
            StoredBundle reading, Conditions conditions, float guidance, int[] values, int[] given, double[] nats)
            throws OrtException {
        LevelSampler sampler = new LevelSampler(SHAPE.levels());
        byte[] image = new byte[SHAPE.values()];
        try (StepSession session = new StepSession(reading, 2, conditions)) {
            for (int i = 0; i < values.length; i++) {
                float[] both = session.logits(List.of(image, image), new int[] {0, 1}, i, 1);
                float[] mixed = new float[SHAPE.levels()];
                for (int level = 0; level < mixed.length; level++) {
                    float other = both[mixed.length + level];
                    mixed[level] = other + guidance * (both[level] - other);
                }
                values[i] = sampler.draw(mixed, 0, 1, 0, 1, ChunkSampler.uniform(9, 1, i));
                given[i] = sampler.margin() < 0.02 ? values[i] : ChunkSession.DRAW;
                nats[i] = sampler.logProbability(both, 0, values[i]);
                image[i] = (byte) values[i];
            }
        }
    }

    @Test
    void graphHoldsHalvesAndOnlyOperatorsThatCudaHas() throws IOException {
        Graph description = chunks.required("chunk");
        assertThat(description.getVariant()).isEqualTo("fp16");
        KeyValueCache cache = plain.required("step").getState().getKeyValueCache();
        assertThat(description.getState().getKeyValueCache())
                .isEqualTo(KeyValueCache.newBuilder()
                        .setLayers(cache.getLayers())
                        .setHeads(cache.getHeads())
                        .setHeadSize(cache.getHeadSize())
                        .setPositions(SHAPE.values())
                        .setElement(Element.ELEMENT_FLOAT16)
                        .build());
        GraphProto graph = ModelProto.parseFrom(chunks.onnx(description)).getGraph();
        GraphProto body = graph.getNodeList().stream()
                .filter(node -> node.getOpType().equals("Loop"))
                .findFirst()
                .orElseThrow()
                .getAttribute(0)
                .getG();
        Set<String> operators = new TreeSet<>();
        for (GraphProto each : List.of(graph, body)) {
            each.getNodeList().stream().map(NodeProto::getOpType).forEach(operators::add);
        }
        assertThat(ON_CUDA).containsAll(operators);
        assertThat(graph.getInitializerList())
                .filteredOn(constant -> constant.getName().contains("weight"))
                .hasSize(13)
                .allSatisfy(constant -> assertThat(constant.getDataType()).isEqualTo(DataType.FLOAT16_VALUE));
        // Nothing as long as the history is carried.
        assertThat(body.getInputList()).hasSize(2 + 1 + 6);
        assertThat(description.getTensorsMap().keySet())
                .contains("values", "first", "label", "given", "uniform", "temperature", "top_k", "top_p", "drawn",
                        "log_probability", "past_key.2", "past_value.0", "new_key.2", "new_value.0")
                .doesNotContain("own", "condition", "seqlens");
    }

    @Test
    void variantComesAndGoesWithAllThatBelongsToIt() {
        assertThat(chunks.bundle().getGraphsList()).extracting(Graph::getRole).containsExactly("chunk");
        StoredBundle both = new StoredBundle(
                plain.bundle().toBuilder().addGraphs(chunks.required("chunk")).build(), chunks.graphs());
        assertThat(both.in("fp32").bundle()).isEqualTo(plain.bundle());
        assertThat(both.without("fp16").bundle()).isEqualTo(plain.bundle());
        assertThat(both.without("fp16").graphs()).containsOnlyKeys(plain.graphs().keySet());
        assertThat(both.variants()).isEmpty();
    }
}
