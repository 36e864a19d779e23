package io.scanline.trainer.export;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import com.google.protobuf.InvalidProtocolBufferException;
import io.scanline.bundle.v1.Element;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.bundle.v1.State;
import io.scanline.trainer.onnx.GraphProto;
import io.scanline.trainer.onnx.ModelProto;
import io.scanline.trainer.onnx.NodeProto;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.onnx.ValueInfoProto;
import io.scanline.trainer.ops.OnnxGraph;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The "step" graph in 8-bit integers, made of that in fp32 itself. What is looked up, added or normalised stays in fp32.
 * <ul>
 *   <li>Products with constant matrices are com.microsoft.MatMulIntegerToFloat of bytes whose meaning was measured before: see
 *       {@link ActivationRanges} and {@link ColumnMatrix}. Their sums are exact and all else is done number by number, so that a
 *       row is the same whatever stands beside it.
 *   <li>The KV cache holds bytes; see {@link CacheScales} and {@link EvenChannels}.
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
    private static final String ZERO = ".zero";
    static final String PRODUCT = "MatMulIntegerToFloat";
    static final String ROUNDING = "QuantizeLinear";
    static final String ATTENTION = "GroupQueryAttention";
    static final int SINKS = 11; // place among the inputs of attention; those of scales follow
    private static final float NOTHING = -1e30f; // before exp
    private static final int BITS = 8;

    private final Graph step;
    private final GraphProto old;
    private final Int8Scales scales;
    private final ConstantProducts products;
    /** What is read of the graph in fp32, and casts of constants where they are. */
    private final Set<String> used = new HashSet<>();

    private final OnnxGraph graph = new OnnxGraph(StepGraph.ROLE, PREFIX);
    private final Set<String> written = new HashSet<>();
    private int layers;

    private Int8Graph(Graph step, GraphProto old, Int8Scales scales) {
        this.step = step;
        this.old = old;
        this.scales = scales;
        products = new ConstantProducts(old);
        for (NodeProto node : old.getNodeList()) {
            if (!isCast(node) && !products.contain(node)) {
                used.addAll(node.getInputList());
            }
        }
        products.all().forEach(product -> used.add(product.bias()));
    }

    /**
     * Makes the graph.
     *
     * @param step the graph in fp32, with a KV cache
     * @param onnx content of its file, with {@link EvenChannels}
     * @param scales of the cache and of what products read
     */
    static StepGraph of(Graph step, byte[] onnx, Int8Scales scales) throws InvalidProtocolBufferException {
        return new Int8Graph(step, ModelProto.parseFrom(onnx).getGraph(), scales).make();
    }

    private StepGraph make() {
        old.getInputList().forEach(input -> graph.addInput(cached(input)));
        old.getOutputList().forEach(output -> graph.addOutput(cached(output)));
        for (NodeProto node : old.getNodeList()) {
            if (products.contain(node)) {
                products.endingWith(node).ifPresent(this::multiply);
            } else if (node.getOpType().equals(ATTENTION)) {
                graph.addNode(attention(node));
            } else if (!isCast(node) || used.contains(node.getOutput(0))) {
                used.addAll(node.getInputList());
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

    /** Whether a node casts a constant, as those of all matrices in halves do. */
    private boolean isCast(NodeProto node) {
        return node.getOpType().equals("Cast")
                && old.getInitializerList().stream().anyMatch(each -> each.getName().equals(node.getInput(0)));
    }

    private void multiply(ConstantProducts.Product product) {
        String x = PREFIX + product.input();
        String weights = PREFIX + product.matrix();
        if (written.add(x)) {
            round(product.input(), x);
        }
        if (written.add(weights)) {
            ColumnMatrix matrix = products.matrix(product.matrix());
            graph.constant(weights, DataType.INT8, matrix.numbers(), matrix.rows(), matrix.columns());
            graph.constant(weights + SCALES, matrix.scales(), matrix.columns());
        }
        graph.node(
                OnnxGraph.MICROSOFT,
                PRODUCT,
                List.of(x, weights, x + SCALES, weights + SCALES, x + ZERO, "", product.bias()),
                List.of(product.output()));
    }

    /** Writes activations as bytes; products that read the same ones share them. */
    private void round(String activations, String bytes) {
        ByteRange range = scales.activations().of(activations);
        graph.constant(bytes + SCALES, new float[] {range.step()});
        graph.constant(bytes + ZERO, DataType.UINT8, new byte[] {(byte) range.zero()});
        graph.node("", ROUNDING, List.of(activations, bytes + SCALES, bytes + ZERO), List.of(bytes));
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
                    PREFIX + kind + "_scale_" + layer, new float[] {scales.cache().of(kind, layer)}, 1));
        }
        return attention
                .addAttribute(attribute("k_quant_type", "PER_TENSOR"))
                .addAttribute(attribute("v_quant_type", "PER_TENSOR"))
                .addAttribute(attribute("kv_cache_bit_width", BITS))
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
}
