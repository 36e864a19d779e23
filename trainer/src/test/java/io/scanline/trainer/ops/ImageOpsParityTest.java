package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.Closeness.assertClose;
import static io.scanline.trainer.ops.TorchNumbers.normal;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.BothInterpreters.Expression;
import io.scanline.trainer.training.Parameters;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The operations of image networks give the same numbers on libtorch as in an ONNX graph. */
class ImageOpsParityTest {
    private static BothInterpreters both;

    @BeforeAll
    static void parameters() {
        Libtorch.load();
        List<ParameterSpec> specs = List.of(
                ParameterSpec.normal("down", 0.3, true, 5, 3, 4, 4),
                ParameterSpec.normal("up", 0.3, true, 3, 5, 4, 4),
                ParameterSpec.normal("bias", 1, true, 5),
                ParameterSpec.normal("codebook", 1, true, 9, 4));
        both = new BothInterpreters(Parameters.initial(specs, 1).rounded(), new Unordered());
    }

    @Test
    void convolutions() throws OrtException {
        check(
                new Expression() {
                    @Override
                    public <T> T of(Ops<T> ops, List<T> inputs) {
                        return ops.conv2d(inputs.get(0), ops.parameter("down"), ops.parameter("bias"), 2, 1);
                    }
                },
                normal(1, 2, 3, 6, 8));
        check(
                new Expression() {
                    @Override
                    public <T> T of(Ops<T> ops, List<T> inputs) {
                        return ops.convTranspose2d(inputs.get(0), ops.parameter("up"), ops.parameter("bias"), 2, 1);
                    }
                },
                normal(2, 2, 3, 3, 4));
    }

    @Test
    void transposedConvolutionUndoesTheHalving() {
        TorchOps ops = new TorchOps(both.parameters().tensors());
        Tensor up = ops.convTranspose2d(normal(1, 2, 3, 3, 4), ops.parameter("up"), ops.parameter("bias"), 2, 1);
        assertThat(up.shape()).containsExactly(2, 5, 6, 8);
        Tensor down = ops.conv2d(normal(1, 2, 3, 6, 8), ops.parameter("down"), ops.parameter("bias"), 2, 1);
        assertThat(down.shape()).containsExactly(2, 5, 3, 4);
    }

    @Test
    void arithmeticAndShapes() throws OrtException {
        check(
                new Expression() {
                    @Override
                    public <T> T of(Ops<T> ops, List<T> inputs) {
                        T row = ops.constant(new float[] {1, -2, 0.5f, 3}, 4);
                        T x = ops.subtract(ops.multiply(inputs.get(0), row), row); // (2, 3, 4)
                        T turned = ops.permute(x, 0, 2, 1); // (2, 4, 3)
                        return ops.reshape(ops.narrow(turned, 1, 1, 2), -1, 6);
                    }
                },
                normal(3, 2, 3, 4));
    }

    @Test
    void activationsAndRounding() throws OrtException {
        check(
                new Expression() {
                    @Override
                    public <T> T of(Ops<T> ops, List<T> inputs) {
                        T x = inputs.get(0);
                        T smooth = ops.add(ops.sigmoid(x), ops.multiply(ops.tanh(x), ops.relu(x)));
                        T whole = ops.round(ops.multiply(x, ops.constant(new float[] {2}, 1)));
                        return ops.add(smooth, ops.straightThrough(whole, x));
                    }
                },
                normal(4, 100));
    }

    @Test
    void halvesAreRoundedToTheEvenNumber() throws OrtException {
        Expression round = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.round(inputs.get(0));
            }
        };
        Tensor halves = torch.tensor(-1.5f, -0.5f, 0.5f, 1.5f, 2.5f);
        float[] even = {-2, 0, 0, 2, 2};
        assertClose(both.onnx(round, DataType.FLOAT, halves), even);
        assertClose(both.torch(round, halves), even);
    }

    @Test
    void nearestCodeIsTheOneOfLeastDistance() throws OrtException {
        Expression nearest = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.nearest(inputs.get(0), ops.parameter("codebook"));
            }
        };
        Tensor vectors = normal(5, 2, 3, 3, 4);
        float[] expected = new float[18];
        float[] x = TorchNumbers.of(vectors);
        float[] codes = TorchNumbers.of(both.parameters().tensors().get("codebook"));
        for (int n = 0; n < expected.length; n++) {
            double least = Double.MAX_VALUE;
            for (int k = 0; k < 9; k++) {
                double distance = 0;
                for (int d = 0; d < 4; d++) {
                    distance += Math.pow(x[4 * n + d] - codes[4 * k + d], 2);
                }
                if (distance < least) {
                    least = distance;
                    expected[n] = k;
                }
            }
        }
        assertThat(both.torch(nearest, vectors)).isEqualTo(expected);
        assertThat(both.onnx(nearest, DataType.INT64, vectors)).isEqualTo(expected);
    }

    @Test
    void straightThroughGradientIsTheIdentity() {
        TorchOps ops = new TorchOps(Map.of());
        Tensor x = normal(6, 20).set_requires_grad(true);
        Tensor weights = normal(7, 20);
        Tensor passed = ops.straightThrough(ops.round(x.mul(new Scalar(3.0))), x);
        assertClose(TorchNumbers.of(passed), TorchNumbers.of(x.mul(new Scalar(3.0)).round()));
        passed.mul(weights).sum().backward();
        assertThat(TorchNumbers.of(x.grad())).isEqualTo(TorchNumbers.of(weights));
    }

    private static void check(Expression expression, Tensor... inputs) throws OrtException {
        assertClose(both.onnx(expression, DataType.FLOAT, inputs), both.torch(expression, inputs));
    }
}
