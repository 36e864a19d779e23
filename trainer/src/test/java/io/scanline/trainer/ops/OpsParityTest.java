package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.Closeness.assertClose;
import static io.scanline.trainer.ops.TorchNumbers.normal;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Offset;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.BothInterpreters.Expression;
import io.scanline.trainer.training.Parameters;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every operation gives the same numbers on libtorch as in an ONNX graph. */
class OpsParityTest {
    private static final int POSITIONS = 7;
    private static final int HEADS = 2;
    private static final int HEAD_SIZE = 4;
    private static final int WIDE = 2048; // most sums of 24 numbers of half precision are exact in any order
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
                ParameterSpec.normal("tables", 1, true, 3, 6, 4),
                ParameterSpec.normal("wide_tables", 1000, true, 24, 6, WIDE),
                ParameterSpec.normal("kernel2", 1, true, 2, 5, 3),
                ParameterSpec.normal("kernel3", 1, true, 3, 5, 3),
                ParameterSpec.normal("kernel6", 1, true, 6, 5, 3));
        both = new BothInterpreters(
                Parameters.initial(specs, 1).rounded(), new WholeImage(POSITIONS));
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
    void multiplyBroadcasts() throws OrtException {
        Expression multiply = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.multiply(inputs.get(0), inputs.get(1));
            }
        };
        check(multiply, normal(1, 2, 3, 4), normal(2, 2, 1, 4));
    }

    @Test
    void belowChoosesByIndexAndReadsNothingElse() throws OrtException {
        Expression below = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.below(ops.unsqueeze(inputs.get(0), 2), 2, inputs.get(1), inputs.get(2));
            }
        };
        Tensor indices = torch.tensor(new long[] {0, 1, 2, 3, 7, 1}).reshape(2, 3);
        float nothing = Float.NaN;
        Tensor some = torch.tensor(new float[] {1, 2, nothing, nothing, nothing, 6}).reshape(2, 3, 1);
        Tensor others = torch.tensor(new float[] {nothing, nothing, -3, -4, -5, nothing}).reshape(2, 3, 1);
        check(below, indices, some, others);
        assertThat(both.torch(below, indices, some, others)).containsExactly(1, 2, -3, -4, -5, 6);
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
    void matmul() throws OrtException {
        Expression matmul = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.matmul(inputs.get(0), ops.parameter("weight"));
            }
        };
        check(matmul, normal(3, 2, 4, 5));
    }

    @Test
    void attentionToAllPositions() throws OrtException {
        Expression attention = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.attention(inputs.get(0), HEADS, HEAD_SIZE);
            }
        };
        check(attention, normal(3, 2, POSITIONS, 3L * HEADS * HEAD_SIZE));
        check(attention, normal(4, 1, 3, 3L * HEADS * HEAD_SIZE)); // as many positions as there are
    }

    @Test
    void prepend() throws OrtException {
        Expression prepend = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.prepend(ops.parameter("gain"), inputs.get(0));
            }
        };
        check(prepend, normal(3, 2, 4, 5));
    }

    @Test
    void last() throws OrtException {
        Expression last = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.last(inputs.get(0), inputs.get(1));
            }
        };
        check(last, normal(3, 3, 4, 5), torch.tensor(new long[] {1, 4, 2}));
    }

    @Test
    void normalise() throws OrtException {
        Expression normalise = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.normalise(inputs.get(0));
            }
        };
        check(normalise, normal(3, 2, 5));
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

    /** A slot must get the same bits alone as among others. */
    @Test
    void sumOfLookUpsAddsInTheSameOrderInEveryBatch() throws OrtException {
        Expression embedSum = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.embedSum(ops.parameter("wide_tables"), inputs.get(0));
            }
        };
        Tensor four = indices(4, 1, 24);
        float[] together = both.onnx(embedSum, DataType.FLOAT, four);
        for (int n = 0; n < 4; n++) {
            float[] alone = both.onnx(embedSum, DataType.FLOAT, four.narrow(0, n, 1));
            assertThat(alone).isEqualTo(Arrays.copyOfRange(together, WIDE * n, WIDE * (n + 1)));
        }
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
    void activations() throws OrtException {
        Expression relu = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.relu(inputs.get(0));
            }
        };
        Expression sigmoid = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.sigmoid(inputs.get(0));
            }
        };
        Expression tanh = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.tanh(inputs.get(0));
            }
        };
        Expression leaky = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.leakyRelu(inputs.get(0), 0.2f);
            }
        };
        for (Expression activation : List.of(relu, leaky, sigmoid, tanh)) {
            check(activation, normal(6, 100));
        }
    }

    @Test
    void partsOfAConcatenationCrossItsInputs() throws OrtException {
        Tensor left = normal(7, 2, 3, 2);
        Tensor right = normal(8, 2, 3, 4);
        for (int part = 0; part < 2; part++) {
            int chosen = part;
            Expression crossing = new Expression() {
                @Override
                public <T> T of(Ops<T> ops, List<T> inputs) {
                    return ops.split(ops.concatenate(inputs), 2, 3).get(chosen);
                }
            };
            check(crossing, left, right);
            Tensor expected = torch.cat(new TensorVector(left, right), 2).narrow(2, 3L * part, 3);
            assertClose(both.torch(crossing, left, right), TorchNumbers.of(expected));
        }
    }

    static Stream<Arguments> taps() {
        List<Offset> upperRight = List.of(Taps.offset(-1, 1));
        List<Offset> all = List.of(
                Taps.offset(-2, 0), Taps.offset(-1, -1), Taps.offset(-1, 2), Taps.offset(0, -1), Taps.offset(0, 1));
        return Stream.of(
                Arguments.of("kernel2", new Taps.Neighbours(4, upperRight, true)),
                Arguments.of("kernel6", new Taps.Neighbours(4, all, true)),
                Arguments.of("kernel3", new Taps.Neighbours(3, List.of(
                        Taps.offset(0, -2), Taps.offset(0, -1), Taps.offset(0, 3)), false)),
                Arguments.of("kernel2", new Taps.Lags(List.of(5), true)),
                Arguments.of("kernel3", new Taps.Lags(List.of(6, 2), true)),
                Arguments.of("kernel3", new Taps.Lags(List.of(1, 14, 5), false)));
    }

    @ParameterizedTest
    @MethodSource("taps")
    void convolveIsASumOverTaps(String kernel, Taps taps) throws OrtException {
        Expression convolve = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.convolve(inputs.get(0), ops.parameter(kernel), ops.parameter("bias"), taps);
            }
        };
        int positions = 12;
        Tensor x = normal(12, 2, positions, 5);
        BothInterpreters image = new BothInterpreters(both.parameters(), new WholeImage(positions));
        float[] expected = sums(TorchNumbers.of(x), positions, kernel, taps);
        assertClose(image.torch(convolve, x), expected);
        assertClose(image.onnx(convolve, DataType.FLOAT, x), expected);
    }

    /** The definition: y_i = sum_r x_(i + tap r) weight_r + bias. */
    private static float[] sums(float[] x, int positions, String kernel, Taps taps) {
        float[] weight = both.parameters().values().get(kernel).values();
        float[] bias = both.parameters().values().get("bias").values();
        float[] sums = new float[x.length / 5 * 3];
        for (int at = 0; at < sums.length; at++) {
            int n = at / 3 / positions;
            int i = at / 3 % positions;
            sums[at] = bias[at % 3];
            for (int tap = 0; tap < taps.count(); tap++) {
                int source = source(taps, tap, i);
                for (int c = 0; source >= 0 && c < 5; c++) {
                    sums[at] += x[(n * positions + source) * 5 + c] * weight[(tap * 5 + c) * 3 + at % 3];
                }
            }
        }
        return sums;
    }

    /** Index of the position that a tap of position i reads; negative: outside of the image. */
    private static int source(Taps taps, int tap, int i) {
        if (tap == taps.others()) {
            return i;
        }
        if (taps instanceof Taps.Lags lags) {
            return i - lags.lags().get(tap);
        }
        Taps.Neighbours neighbours = (Taps.Neighbours) taps;
        int column = i % neighbours.width() + neighbours.offsets().get(tap).getColumns();
        int row = i / neighbours.width() + neighbours.offsets().get(tap).getRows();
        return column < 0 || column >= neighbours.width() ? -1 : row * neighbours.width() + column;
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
                return ops.causalAttention(inputs.get(0), HEADS, HEAD_SIZE, window);
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
