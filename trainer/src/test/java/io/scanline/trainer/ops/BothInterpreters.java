package io.scanline.trainer.ops;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.training.Parameters;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Computes the same expression on libtorch and by ONNX Runtime.
 *
 * @param parameters rounded to half precision, as graphs store them
 * @param positions how the graph reaches other positions
 */
public record BothInterpreters(Parameters parameters, OnnxOps.Positions positions) {
    /** Something that both interpreters can compute. */
    public interface Expression {
        /** The result, from inputs in the order in which they are given. */
        <T> T of(Ops<T> ops, List<T> inputs);
    }

    /** By libtorch. */
    public float[] torch(Expression expression, Tensor... inputs) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGradients = new NoGradGuard()) {
            return TorchNumbers.of(expression.of(new TorchOps(parameters.tensors()), List.of(inputs)));
        }
    }

    /** By ONNX Runtime; the inputs are float or int64. */
    public float[] onnx(Expression expression, DataType result, Tensor... inputs) throws OrtException {
        OnnxGraph graph = new OnnxGraph("test");
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> fed = new HashMap<>();
        List<String> names = new ArrayList<>();
        try {
            for (Tensor input : inputs) {
                String name = "input" + names.size();
                boolean whole = input.scalar_type().intern() == ScalarType.Long;
                Object[] dimensions = Arrays.stream(input.shape()).boxed().toArray();
                names.add(graph.input(name, whole ? DataType.INT64 : DataType.FLOAT, dimensions));
                fed.put(name, tensor(environment, input, whole));
            }
            String output = expression.of(new OnnxOps(graph, parameters.values(), positions), names);
            graph.output(output, result);
            try (OrtSession session = environment.createSession(withoutShapes(graph));
                    OrtSession.Result computed = session.run(fed)) {
                OnnxTensor tensor = (OnnxTensor) computed.get(0);
                return result == DataType.INT64 ? floats(tensor.getLongBuffer()) : floats(tensor.getFloatBuffer());
            }
        } finally {
            fed.values().forEach(OnnxTensor::close);
        }
    }

    /** The shape of the output is what the graph makes it. */
    private static byte[] withoutShapes(OnnxGraph graph) {
        var model = graph.build().toBuilder();
        model.getGraphBuilder().getOutputBuilder(0).getTypeBuilder().getTensorTypeBuilder().clearShape();
        return model.build().toByteArray();
    }

    private static OnnxTensor tensor(OrtEnvironment environment, Tensor input, boolean whole) throws OrtException {
        float[] numbers = TorchNumbers.of(input);
        if (!whole) {
            return OnnxTensor.createTensor(environment, FloatBuffer.wrap(numbers), input.shape());
        }
        long[] values = new long[numbers.length];
        Arrays.setAll(values, i -> (long) numbers[i]);
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), input.shape());
    }

    private static float[] floats(LongBuffer values) {
        float[] numbers = new float[values.remaining()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = values.get(i);
        }
        return numbers;
    }

    private static float[] floats(FloatBuffer values) {
        float[] numbers = new float[values.remaining()];
        values.get(numbers);
        return numbers;
    }
}
