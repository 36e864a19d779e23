package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.Closeness.assertClose;
import static io.scanline.trainer.ops.TorchNumbers.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TorchOpsTest {
    private static final TorchOps OPS = new TorchOps(Map.of());
    private static final int HEADS = 2;
    private static final int HEAD_SIZE = 3;

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    @ParameterizedTest
    @CsvSource({"7,0", "7,1", "7,3", "8,4", "9,4", "5,5", "3,8"})
    void attentionEqualsItsFormulaWithAMask(int positions, int window) {
        Tensor qkv = normal(1, 2, positions, 3L * HEADS * HEAD_SIZE);
        float[] expected = attended(qkv, (i, j) -> j <= i && (window == 0 || j > i - window));
        assertClose(TorchNumbers.of(OPS.causalAttention(qkv, HEADS, HEAD_SIZE, window)), expected);
    }

    @ParameterizedTest
    @CsvSource({"5,4,1,1", "5,4,2,1", "5,4,1,2", "5,4,3,4", "5,4,9,9", "4,1,1,1", "1,6,2,2"})
    void attentionToNeighboursEqualsItsFormulaWithTheRectangleAsAMask(int width, int height, int rows, int columns) {
        Tensor qkv = normal(1, 2, (long) width * height, 3L * HEADS * HEAD_SIZE);
        Taps.Neighbours neighbours = new Taps.Neighbours(width, Taps.before(rows, columns), true);
        float[] expected = attended(qkv, (i, j) -> j <= i
                && i / width - j / width <= rows
                && Math.abs(i % width - j % width) <= columns);
        assertClose(TorchNumbers.of(OPS.neighbourAttention(qkv, HEADS, HEAD_SIZE, neighbours)), expected);
    }

    /** Whether position i sees position j. */
    private interface Sight {
        boolean sees(int i, int j);
    }

    private static float[] attended(Tensor qkv, Sight sight) {
        int positions = (int) qkv.size(1);
        float[] numbers = TorchNumbers.of(qkv);
        float[] attended = new float[numbers.length / 3];
        for (int image = 0; image < qkv.size(0); image++) {
            for (int head = 0; head < HEADS; head++) {
                attend(numbers, attended, image * positions, positions, head, sight);
            }
        }
        return attended;
    }

    /** softmax(q k / sqrt(D)) v over the positions that i may see, in double precision, for one image and head. */
    private static void attend(float[] qkv, float[] out, int first, int positions, int head, Sight sight) {
        int width = HEADS * HEAD_SIZE;
        for (int i = 0; i < positions; i++) {
            double[] mixed = new double[HEAD_SIZE];
            double total = 0;
            for (int j = 0; j < positions; j++) {
                if (!sight.sees(i, j)) {
                    continue;
                }
                double score = 0;
                for (int d = 0; d < HEAD_SIZE; d++) {
                    score += (double) qkv[(first + i) * 3 * width + head * HEAD_SIZE + d]
                            * qkv[(first + j) * 3 * width + width + head * HEAD_SIZE + d];
                }
                double weight = Math.exp(score / Math.sqrt(HEAD_SIZE));
                total += weight;
                for (int d = 0; d < HEAD_SIZE; d++) {
                    mixed[d] += weight * qkv[(first + j) * 3 * width + 2 * width + head * HEAD_SIZE + d];
                }
            }
            for (int d = 0; d < HEAD_SIZE; d++) {
                out[(first + i) * width + head * HEAD_SIZE + d] = (float) (mixed[d] / total);
            }
        }
    }

    @Test
    void embedSumEqualsSummedLookUps() {
        Tensor tables = normal(2, 3, 5, 4);
        Tensor indices = indices(2, 6, 3);
        Tensor expected = torch.zeros(2, 6, 4);
        for (int k = 0; k < 3; k++) {
            expected = expected.add(OPS.embed(tables.select(0, k), indices.select(2, k)));
        }
        assertClose(TorchNumbers.of(OPS.embedSum(tables, indices)), TorchNumbers.of(expected));
    }

    @Test
    void gradientOfEmbedSumEqualsFiniteDifferences() {
        Tensor tables = normal(3, 3, 5, 2).set_requires_grad(true);
        Tensor indices = indices(2, 6, 3);
        Tensor weights = normal(4, 2, 6, 2);
        objective(tables, indices, weights).backward();
        float[] gradient = TorchNumbers.of(tables.grad());

        float[] differences = new float[gradient.length];
        float step = 0.25f; // the objective is quadratic in every number, so central differences are exact at any step
        for (int i = 0; i < differences.length; i++) {
            differences[i] = (moved(tables, i, step, indices, weights) - moved(tables, i, -step, indices, weights))
                    / (2 * step);
        }
        for (int i = 0; i < differences.length; i++) {
            assertThat(gradient[i]).as("number %d", i).isCloseTo(differences[i], org.assertj.core.data.Offset.offset(2e-3f));
        }
    }

    private static Tensor objective(Tensor tables, Tensor indices, Tensor weights) {
        Tensor sum = OPS.embedSum(tables, indices);
        return sum.mul(sum).mul(weights).sum();
    }

    private static float moved(Tensor tables, int number, float by, Tensor indices, Tensor weights) {
        float[] numbers = TorchNumbers.of(tables);
        numbers[number] += by;
        Tensor moved = torch.tensor(numbers).reshape(tables.shape());
        return objective(moved, indices, weights).item_float();
    }

    @Test
    void unknownParameterIsNamed() {
        assertThatThrownBy(() -> OPS.parameter("nothing"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing");
    }

    private static Tensor indices(long... shape) {
        torch.manual_seed(5);
        return torch.randint(5, shape).to(torch.ScalarType.Long);
    }
}
