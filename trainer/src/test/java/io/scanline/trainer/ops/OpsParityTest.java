package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.Closeness.assertClose;
import static io.scanline.trainer.ops.TorchNumbers.normal;

import ai.onnxruntime.OrtException;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.BothInterpreters.Expression;
import io.scanline.trainer.training.Parameters;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every operation gives the same numbers on libtorch as in an ONNX graph. */
class OpsParityTest {
    private static final int POSITIONS = 7;
    private static final int HEADS = 2;
    private static final int HEAD_SIZE = 4;
    private static BothInterpreters both;

    @BeforeAll
    static void parameters() {
        Libtorch.load();
        List<ParameterSpec> specs = List.of(
                ParameterSpec.normal("weight", 1, true, 5, 3),
                ParameterSpec.normal("bias", 1, true, 3),
                ParameterSpec.normal("gain", 1, true, 5),
                ParameterSpec.normal("shift", 1, true, 5),
                ParameterSpec.normal("table", 1, true, 6, 4),
                ParameterSpec.normal("tables", 1, true, 3, 6, 4));
        both = new BothInterpreters(
                Parameters.initial(specs, 1).rounded(), new FullAttention(POSITIONS, HEAD_SIZE));
    }

    @Test
    void addBroadcasts() throws OrtException {
        Expression add = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.add(inputs.get(0), inputs.get(1));
            }
        };
        check(add, normal(1, 2, 3, 4), normal(2, 2, 1, 4));
    }

    @Test
    void linear() throws OrtException {
        Expression linear = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.linear(inputs.get(0), ops.parameter("weight"), ops.parameter("bias"));
            }
        };
        check(linear, normal(3, 2, 4, 5));
    }

    @Test
    void embed() throws OrtException {
        Expression embed = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.embed(ops.parameter("table"), inputs.get(0));
            }
        };
        check(embed, indices(2, 5));
    }

    @Test
    void embedSum() throws OrtException {
        Expression embedSum = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.embedSum(ops.parameter("tables"), inputs.get(0));
            }
        };
        check(embedSum, indices(2, 5, 3));
    }

    @Test
    void quotientAndRemainder() throws OrtException {
        Expression quotient = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.quotient(inputs.get(0), 4);
            }
        };
        Expression remainder = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.remainder(inputs.get(0), 4);
            }
        };
        Tensor positions = torch.tensor(0L, 3L, 4L, 7L, 8L, 783L).reshape(2, 3);
        assertClose(both.onnx(quotient, DataType.INT64, positions), new float[] {0, 0, 1, 1, 2, 195});
        assertClose(both.torch(quotient, positions), new float[] {0, 0, 1, 1, 2, 195});
        assertClose(both.onnx(remainder, DataType.INT64, positions), new float[] {0, 3, 0, 3, 0, 3});
        assertClose(both.torch(remainder, positions), new float[] {0, 3, 0, 3, 0, 3});
    }

    @Test
    void unsqueezeMakesRoomForBroadcasting() throws OrtException {
        Expression sum = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.add(inputs.get(0), ops.unsqueeze(inputs.get(1), 1));
            }
        };
        check(sum, normal(4, 2, 3, 4), normal(5, 2, 4));
    }

    @Test
    void gelu() throws OrtException {
        Expression gelu = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.gelu(inputs.get(0));
            }
        };
        check(gelu, normal(6, 100));
    }

    @Test
    void addLayerNormGivesSumAndNorm() throws OrtException {
        Expression norm = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.addLayerNorm(
                                inputs.get(0), inputs.get(1), ops.parameter("gain"), ops.parameter("shift"))
                        .normalised();
            }
        };
        Expression sum = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.addLayerNorm(
                                inputs.get(0), inputs.get(1), ops.parameter("gain"), ops.parameter("shift"))
                        .sum();
            }
        };
        check(norm, normal(7, 2, 3, 5), normal(8, 2, 3, 5));
        check(sum, normal(7, 2, 3, 5), normal(8, 2, 3, 5));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 7, 9})
    void causalAttention(int window) throws OrtException {
        Expression attention = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.causalAttention(inputs.get(0), HEADS, window);
            }
        };
        check(attention, normal(9, 2, POSITIONS, 3 * HEADS * HEAD_SIZE));
    }

    private static Tensor indices(long... shape) {
        torch.manual_seed(10);
        return torch.randint(6, shape).to(torch.ScalarType.Long);
    }

    private static void check(Expression expression, Tensor... inputs) throws OrtException {
        assertClose(both.onnx(expression, DataType.FLOAT, inputs), both.torch(expression, inputs));
    }
}
