package io.scanline.trainer.ops;

import ai.onnxruntime.platform.Fp16Conversions;
import com.google.protobuf.ByteString;
import io.scanline.trainer.onnx.AttributeProto;
import io.scanline.trainer.onnx.AttributeProto.AttributeType;
import io.scanline.trainer.onnx.FunctionProto;
import io.scanline.trainer.onnx.GraphProto;
import io.scanline.trainer.onnx.ModelProto;
import io.scanline.trainer.onnx.NodeProto;
import io.scanline.trainer.onnx.OperatorSetIdProto;
import io.scanline.trainer.onnx.TensorProto;
import io.scanline.trainer.onnx.TensorShapeProto;
import io.scanline.trainer.onnx.TypeProto;
import io.scanline.trainer.onnx.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Writes down an ONNX graph node by node; values are their names. */
public final class OnnxGraph {
    /** Domain of ONNX Runtime's own operators. */
    public static final String MICROSOFT = "com.microsoft";

    /** Ends the names of what {@link #halfConstant} stores. */
    public static final String HALF = ".fp16";

    private static final int IR_VERSION = 9;
    private static final int OPSET = 20; // the first with Gelu

    private final GraphProto.Builder graph = GraphProto.newBuilder();
    private final Map<String, FunctionProto> functions = new LinkedHashMap<>();
    private final String prefix;
    private int names;

    /** A graph of this name. */
    public OnnxGraph(String name) {
        this(name, "");
    }

    /** The same with a prefix of the names that it finds itself, to keep them apart from those of nodes of other making. */
    public OnnxGraph(String name, String prefix) {
        graph.setName(name);
        this.prefix = prefix;
    }

    /** Takes over an input of another graph. */
    public void addInput(ValueInfoProto input) {
        graph.addInput(input);
    }

    /** Takes over an output of another graph. */
    public void addOutput(ValueInfoProto output) {
        graph.addOutput(output);
    }

    /** Takes over a constant of another graph. */
    public void addConstant(TensorProto constant) {
        graph.addInitializer(constant);
    }

    /** Takes over a node of another graph. */
    public void addNode(NodeProto node) {
        graph.addNode(node);
    }

    /** Declares an input; dimensions are numbers or names. */
    public String input(String name, TensorProto.DataType type, Object... dimensions) {
        graph.addInput(value(name, type, dimensions));
        return name;
    }

    /** Declares a value, made by some node under this very name, to be an output. */
    public void output(String name, TensorProto.DataType type, Object... dimensions) {
        graph.addOutput(value(name, type, dimensions));
    }

    /** A node with one output, whose name is returned. */
    public String node(String operator, List<String> inputs, AttributeProto... attributes) {
        String output = prefix + operator + names++;
        node("", operator, inputs, List.of(output), attributes);
        return output;
    }

    /** The part of x from first to before end in one dimension. */
    public String slice(String x, int axis, long first, long end) {
        return node(
                "Slice",
                List.of(
                        x,
                        constant(new long[] {first}, 1),
                        constant(new long[] {end}, 1),
                        constant(new long[] {axis}, 1)));
    }

    /** x in equal parts along one dimension. */
    public List<String> split(String x, int axis, int parts) {
        int first = names;
        names += parts;
        List<String> outputs = IntStream.range(first, names).mapToObj(name -> prefix + "Split" + name).toList();
        node("", "Split", List.of(x), outputs, attribute("axis", axis), attribute("num_outputs", parts));
        return outputs;
    }

    /** x in another shape; 0 keeps a dimension of the same place, -1 is whatever remains. */
    public String reshape(String x, long... shape) {
        return node("Reshape", List.of(x, constant(shape, shape.length)));
    }

    /** A node of an operator domain with named outputs. */
    public void node(
            String domain, String operator, List<String> inputs, List<String> outputs, AttributeProto... attributes) {
        graph.addNode(NodeProto.newBuilder()
                .setDomain(domain)
                .setName(operator + "_" + graph.getNodeCount())
                .setOpType(operator)
                .addAllInput(inputs)
                .addAllOutput(outputs)
                .addAllAttribute(List.of(attributes)));
    }

    /** A float constant, stored in single precision. */
    public String constant(String name, float[] values, long... dimensions) {
        ByteBuffer raw = littleEndian(values.length * Float.BYTES);
        raw.asFloatBuffer().put(values);
        return initializer(name, TensorProto.DataType.FLOAT, raw, dimensions);
    }

    /** A float constant, stored in half precision and cast when the graph is loaded. */
    public String halfConstant(String name, float[] values, long... dimensions) {
        ByteBuffer raw = littleEndian(values.length * Short.BYTES);
        for (float value : values) {
            raw.putShort(Fp16Conversions.floatToFp16(value));
        }
        String stored = initializer(name + HALF, TensorProto.DataType.FLOAT16, raw.rewind(), dimensions);
        node("", "Cast", List.of(stored), List.of(name), attribute("to", TensorProto.DataType.FLOAT_VALUE));
        return name;
    }

    /** As {@link #constant(String, float[], long...)}, under a name of its own. */
    public String constant(float[] values, long... dimensions) {
        return constant(constantName(), values, dimensions);
    }

    /** An int64 constant. */
    public String constant(long[] values, long... dimensions) {
        ByteBuffer raw = littleEndian(values.length * Long.BYTES);
        raw.asLongBuffer().put(values);
        return initializer(constantName(), TensorProto.DataType.INT64, raw, dimensions);
    }

    /** A constant of bytes, with or without sign. */
    public String constant(String name, TensorProto.DataType type, byte[] values, long... dimensions) {
        return initializer(name, type, ByteBuffer.wrap(values), dimensions);
    }

    private String constantName() {
        return prefix + "constant" + names++;
    }

    /** Gives the last node's only output another name. */
    public void rename(String output, String name) {
        NodeProto.Builder last = graph.getNodeBuilder(graph.getNodeCount() - 1);
        if (!last.getOutputList().equals(List.of(output))) {
            throw new IllegalArgumentException(output + " is not the output of the last node");
        }
        last.setOutput(0, name);
    }

    /** The graph alone, as what a node of another one repeats. */
    public GraphProto body() {
        return graph.build();
    }

    /**
     * The graph as the body of an operator that models define themselves, under the graph's name.
     *
     * @param attributes that a node of it has, besides
     */
    public FunctionProto function(String domain, List<String> inputs, List<String> outputs, List<String> attributes) {
        FunctionProto.Builder function = FunctionProto.newBuilder()
                .setName(graph.getName())
                .setDomain(domain)
                .addAllInput(inputs)
                .addAllOutput(outputs)
                .addAllAttribute(attributes)
                .addOpsetImport(operators("", OPSET));
        for (TensorProto constant : graph.getInitializerList()) { // a function has none
            function.addNodeBuilder()
                    .setOpType("Constant")
                    .addOutput(constant.getName())
                    .addAttribute(attribute("value", constant));
        }
        return function.addAllNode(graph.getNodeList()).build();
    }

    /** Defines an operator of this model, again or for the first time. */
    public void define(FunctionProto function) {
        functions.put(function.getName(), function);
    }

    /** The model. */
    public ModelProto build() {
        ModelProto.Builder model = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("scanline-trainer")
                .setGraph(graph)
                .addOpsetImport(operators("", OPSET))
                .addOpsetImport(operators(MICROSOFT, 1))
                .addAllFunctions(functions.values());
        functions.values().stream().map(FunctionProto::getDomain).distinct().forEach(domain ->
                model.addOpsetImport(operators(domain, 1)));
        return model.build();
    }

    private static OperatorSetIdProto operators(String domain, int version) {
        return OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build();
    }

    /** An integer attribute. */
    public static AttributeProto attribute(String name, long value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
    }

    /** A float attribute. */
    public static AttributeProto attribute(String name, float value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.FLOAT).setF(value).build();
    }

    /** A string attribute. */
    public static AttributeProto attribute(String name, String value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(value))
                .build();
    }

    /** A tensor within a node. */
    public static AttributeProto attribute(String name, TensorProto value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.TENSOR).setT(value).build();
    }

    /** A graph within a node. */
    public static AttributeProto attribute(String name, GraphProto value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.GRAPH).setG(value).build();
    }

    /** A list of integers. */
    public static AttributeProto attribute(String name, List<Long> values) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS).addAllInts(values).build();
    }

    private String initializer(String name, TensorProto.DataType type, ByteBuffer raw, long... dimensions) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(type.getNumber())
                .setRawData(ByteString.copyFrom(raw));
        for (long dimension : dimensions) {
            tensor.addDims(dimension);
        }
        graph.addInitializer(tensor);
        return name;
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** An input or output; dimensions are numbers or names. */
    public static ValueInfoProto value(String name, TensorProto.DataType type, Object... dimensions) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (Object dimension : dimensions) {
            if (dimension instanceof String symbol) {
                shape.addDimBuilder().setDimParam(symbol);
            } else {
                shape.addDimBuilder().setDimValue(((Number) dimension).longValue());
            }
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(type.getNumber())
                                .setShape(shape)))
                .build();
    }
}
