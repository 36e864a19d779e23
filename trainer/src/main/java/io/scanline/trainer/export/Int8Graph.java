package io.scanline.trainer.export;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import ai.onnxruntime.platform.Fp16Conversions;
import com.google.protobuf.InvalidProtocolBufferException;
import io.scanline.bundle.v1.Element;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.bundle.v1.State;
import io.scanline.trainer.onnx.GraphProto;
import io.scanline.trainer.onnx.ModelProto;
import io.scanline.trainer.onnx.NodeProto;
import io.scanline.trainer.onnx.TensorProto;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.onnx.ValueInfoProto;
import io.scanline.trainer.ops.OnnxGraph;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The "step" graph in 8-bit integers, made of that in fp32 itself. What is looked up, added or normalised stays in fp32.
 * <ul>
 *   <li>Products with constant matrices are com.microsoft.MatMulNBits with whole numbers on both sides: every 32 numbers of a
 *       row of activations have a scale of their own, so that a row is the same whatever stands beside it; see
 *       {@link BlockMatrix#times}.
 *   <li>The KV cache holds bytes; see {@link CacheScales}.
 *   <li>Attention has sinks that weigh nothing. With them ONNX Runtime takes its plain kernel, in which a slot is computed
 *       without regard to the length of others or the number of threads; it was also the quicker one.
 * </ul>
 */
final class Int8Graph {
    /** Name of the variant in bundles. */
    static final String VARIANT = "int8";

    private static final String FILE = StepGraph.ROLE + "-" + VARIANT + ".onnx";
    private static final String PREFIX = VARIANT + ".";
    private static final String SCALES = ".scales";
    static final String PRODUCT = "MatMulNBits";
    static final String ATTENTION = "GroupQueryAttention";
    static final int SINKS = 11; // place among the inputs of attention; those of scales follow
    private static final float NOTHING = -1e30f; // before exp
    /** Of MatMulNBits: activations in 8 bits as well. */
    private static final int WHOLE_NUMBERS = 4;

    private final Graph step;
    private final GraphProto old;
    private final CacheScales scales;
    private final Map<String, TensorProto> constants = new HashMap<>();
    /** Constants in half precision, by the name that they have when they are cast. */
    private final Map<String, TensorProto> cast = new HashMap<>();

    private final Set<String> used = new HashSet<>();
    private final OnnxGraph graph = new OnnxGraph(StepGraph.ROLE, PREFIX);
    private final Map<String, BlockMatrix> matrices = new HashMap<>();
    private int layers;

    private Int8Graph(Graph step, GraphProto old, CacheScales scales) {
        this.step = step;
        this.old = old;
        this.scales = scales;
        old.getInitializerList().forEach(constant -> constants.put(constant.getName(), constant));
        old.getNodeList().stream()
                .filter(node -> node.getOpType().equals("Cast") && constants.containsKey(node.getInput(0)))
                .forEach(node -> cast.put(node.getOutput(0), constants.get(node.getInput(0))));
        for (NodeProto node : old.getNodeList()) {
            if (!cast.containsKey(node.getOutput(0)) && !isProduct(node)) {
                used.addAll(node.getInputList());
            }
        }
    }

    /**
     * Makes the graph.
     *
     * @param step the graph in fp32, with a KV cache
     * @param onnx content of its file
     * @param scales of the cache
     */
    static StepGraph of(Graph step, byte[] onnx, CacheScales scales) throws InvalidProtocolBufferException {
        return new Int8Graph(step, ModelProto.parseFrom(onnx).getGraph(), scales).make();
    }

    private StepGraph make() {
        old.getInputList().forEach(input -> graph.addInput(cached(input)));
        old.getOutputList().forEach(output -> graph.addOutput(cached(output)));
        for (NodeProto node : old.getNodeList()) {
            if (isProduct(node)) {
                multiply(node);
            } else if (node.getOpType().equals(ATTENTION)) {
                graph.addNode(attention(node));
            } else if (!cast.containsKey(node.getOutput(0)) || used.contains(node.getOutput(0))) {
                node.getInputList().stream().filter(constants::containsKey).forEach(used::add);
                graph.addNode(node);
            }
        }
        old.getInitializerList().stream().filter(constant -> used.contains(constant.getName())).forEach(graph::addConstant);
        KeyValueCache.Builder cache =
                step.getState().getKeyValueCache().toBuilder().setElement(Element.ELEMENT_INT8);
        return new StepGraph(
                step.toBuilder()
                        .setVariant(VARIANT)
                        .setFile(FILE)
                        .setState(State.newBuilder().setKeyValueCache(cache))
                        .build(),
                graph.build());
    }

    /** Whether a node multiplies activations by a constant matrix. */
    private boolean isProduct(NodeProto node) {
        TensorProto constant = node.getInputCount() < 2
                ? null
                : cast.getOrDefault(node.getInput(1), constants.get(node.getInput(1)));
        return node.getOpType().equals("MatMul") && constant != null && constant.getDimsCount() == 2;
    }

    private static String name(String weights) {
        return PREFIX + weights;
    }

    private void multiply(NodeProto node) {
        String weights = node.getInput(1);
        BlockMatrix matrix = matrices.computeIfAbsent(weights, this::write);
        graph.node(
                OnnxGraph.MICROSOFT,
                PRODUCT,
                List.of(node.getInput(0), name(weights), name(weights) + SCALES),
                node.getOutputList(),
                attribute("K", matrix.rows()),
                attribute("N", matrix.columns()),
                attribute("bits", BlockMatrix.BITS),
                attribute("block_size", BlockMatrix.BLOCK),
                attribute("accuracy_level", WHOLE_NUMBERS));
    }

    private BlockMatrix write(String weights) {
        TensorProto constant = cast.getOrDefault(weights, constants.get(weights));
        BlockMatrix matrix =
                BlockMatrix.of(floats(constant), (int) constant.getDims(0), (int) constant.getDims(1));
        graph.constant(
                name(weights), DataType.UINT8, matrix.numbers(), matrix.columns(), matrix.blocks(), BlockMatrix.BLOCK);
        graph.constant(name(weights) + SCALES, matrix.scales(), matrix.columns(), matrix.blocks());
        return matrix;
    }

    private NodeProto attention(NodeProto node) {
        KeyValueCache cache = step.getState().getKeyValueCache();
        int layer = layers++;
        NodeProto.Builder attention = node.toBuilder();
        while (attention.getInputCount() < SINKS) {
            attention.addInput("");
        }
        float[] sinks = new float[cache.getHeads()];
        Arrays.fill(sinks, NOTHING);
        attention.addInput(graph.constant(PREFIX + "sinks_" + layer, sinks, sinks.length));
        for (String kind : List.of("key", "value")) {
            attention.addInput(graph.constant(
                    PREFIX + kind + "_scales_" + layer,
                    scales.of(kind, layer),
                    1,
                    cache.getHeads(),
                    1,
                    cache.getHeadSize()));
        }
        return attention
                .addAttribute(attribute("k_quant_type", "PER_CHANNEL"))
                .addAttribute(attribute("v_quant_type", "PER_CHANNEL"))
                .addAttribute(attribute("kv_cache_bit_width", BlockMatrix.BITS))
                .build();
    }

    /** An input or output, of bytes when it is one of the cache. */
    private ValueInfoProto cached(ValueInfoProto value) {
        boolean bytes = step.getTensorsMap().entrySet().stream()
                .anyMatch(tensor -> tensor.getValue().equals(value.getName())
                        && tensor.getKey().matches("(past|present)_(key|value)\\.[0-9]+"));
        if (!bytes) {
            return value;
        }
        ValueInfoProto.Builder changed = value.toBuilder();
        changed.getTypeBuilder().getTensorTypeBuilder().setElemType(DataType.INT8_VALUE);
        return changed.build();
    }

    private static float[] floats(TensorProto tensor) {
        ByteBuffer raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        boolean half = tensor.getDataType() == DataType.FLOAT16_VALUE;
        float[] values = new float[raw.remaining() / (half ? Short.BYTES : Float.BYTES)];
        for (int i = 0; i < values.length; i++) {
            values[i] = half ? Fp16Conversions.fp16ToFloat(raw.getShort()) : raw.getFloat();
        }
        return values;
    }
}
