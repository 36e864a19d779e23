package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Offset;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.BothInterpreters.Expression;
import io.scanline.trainer.ops.Recurrence.Sweep;
import io.scanline.trainer.training.Parameters;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RecurrenceTest {
    private static final int ROWS = 3;
    private static final int COLUMNS = 4;

    /** The own number plus those of some neighbours, each times its own factor. */
    private record Sum(Sweep sweep, List<Offset> offsets) implements Recurrence {
        @Override
        public int columns() {
            return COLUMNS;
        }

        @Override
        public int inputs() {
            return 1;
        }

        @Override
        public List<Carried> carried() {
            return List.of(new Carried(1, offsets));
        }

        @Override
        public <T> T input(Ops<T> ops, T x) {
            return x;
        }

        @Override
        public <T> List<T> step(Ops<T> ops, T input, List<T> read) {
            return List.of(ops.add(input, ops.matmul(read.get(0), ops.parameter("factors" + offsets.size()))));
        }
    }

    private static BothInterpreters both;

    @BeforeAll
    static void parameters() {
        Libtorch.load();
        List<ParameterSpec> specs = List.of(
                ParameterSpec.normal("factors1", 1, true, 1, 1),
                ParameterSpec.normal("factors2", 1, true, 2, 1),
                ParameterSpec.normal("factors3", 1, true, 3, 1));
        both = new BothInterpreters(Parameters.initial(specs, 1).rounded(), new WholeImage(ROWS * COLUMNS));
    }

    static Stream<Arguments> sweeps() {
        return Stream.of(
                Arguments.of(Sweep.DOWN, Taps.above(1, 1)),
                Arguments.of(Sweep.DOWN, List.of(Taps.offset(-1, 0))),
                Arguments.of(Sweep.DOWN, List.of(Taps.offset(-1, 2), Taps.offset(-1, -3))),
                Arguments.of(Sweep.TO_THE_RIGHT, List.of(Taps.offset(0, -1), Taps.offset(-1, 0))),
                Arguments.of(Sweep.TO_THE_RIGHT, List.of(Taps.offset(0, -1))),
                Arguments.of(Sweep.TO_THE_LEFT, List.of(Taps.offset(0, 1), Taps.offset(-1, 0))),
                Arguments.of(Sweep.TO_THE_LEFT, List.of(Taps.offset(-1, 0))));
    }

    @ParameterizedTest
    @MethodSource("sweeps")
    void everyPositionReadsItsNeighbours(Sweep sweep, List<Offset> offsets) throws OrtException {
        Recurrence sum = new Sum(sweep, offsets);
        Expression expression = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return ops.recur(inputs.get(0), sum);
            }
        };
        Tensor x = TorchNumbers.normal(1, 1, ROWS * COLUMNS, 1);
        float[] expected = sums(TorchNumbers.of(x), sweep, offsets);
        assertClose(both.torch(expression, x), expected);
        assertClose(both.onnx(expression, DataType.FLOAT, x), expected);
    }

    /** Position by position, as the definition says. */
    private static float[] sums(float[] x, Sweep sweep, List<Offset> offsets) {
        float[] factors = both.parameters().values().get("factors" + offsets.size()).values();
        float[] sums = new float[x.length];
        for (int row = 0; row < ROWS; row++) {
            for (int i = 0; i < COLUMNS; i++) {
                int column = sweep == Sweep.TO_THE_LEFT ? COLUMNS - 1 - i : i;
                float sum = x[row * COLUMNS + column];
                for (int k = 0; k < factors.length; k++) {
                    int above = row + offsets.get(k).getRows();
                    int beside = column + offsets.get(k).getColumns();
                    boolean inside = above >= 0 && beside >= 0 && beside < COLUMNS;
                    sum += inside ? factors[k] * sums[above * COLUMNS + beside] : 0;
                }
                sums[row * COLUMNS + column] = sum;
            }
        }
        if (sweep != Sweep.TO_THE_LEFT) {
            return sums;
        }
        float[] oneRowDown = new float[sums.length];
        System.arraycopy(sums, 0, oneRowDown, COLUMNS, sums.length - COLUMNS);
        return oneRowDown;
    }

    @Test
    void sweepCannotReadWhatItHasNotComputed() {
        assertThat(Sweep.TO_THE_RIGHT.shift(Taps.offset(-1, 0))).isEqualTo(-1);
        assertThatThrownBy(() -> Sweep.TO_THE_RIGHT.shift(Taps.offset(0, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("TO_THE_RIGHT");
        assertThatThrownBy(() -> Sweep.DOWN.shift(Taps.offset(0, -1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Sweep.TO_THE_LEFT.shift(Taps.offset(0, -1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
