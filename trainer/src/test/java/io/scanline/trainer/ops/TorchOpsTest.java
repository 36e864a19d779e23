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

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    @ParameterizedTest
    @CsvSource({"7,0", "7,1", "7,3", "8,4", "9,4", "5,5", "3,8"})
    void attentionEqualsItsFormulaWithAMask(int positions, int window) {
        int heads = 2;
        int headSize = 3;
        Tensor qkv = normal(1, 2, positions, 3L * heads * headSize);
        float[] expected = new float[2 * positions * heads * headSize];
        float[] numbers = TorchNumbers.of(qkv);
        for (int batch = 0; batch < 2; batch++) {
            for (int head = 0; head < heads; head++) {
                attend(numbers, expected, batch * positions, positions, heads, head, headSize, window);
            }
        }
        assertClose(TorchNumbers.of(OPS.causalAttention(qkv, heads, headSize, window)), expected);
    }

    /** softmax(q k / sqrt(D)) v over the positions that i may see, in double precision, for one image and head. */
    private static void attend(
            float[] qkv, float[] out, int first, int positions, int heads, int head, int headSize, int window) {
        int width = heads * headSize;
        for (int i = 0; i < positions; i++) {
            double[] mixed = new double[headSize];
            double total = 0;
            for (int j = window == 0 ? 0 : Math.max(0, i - window + 1); j <= i; j++) {
                double score = 0;
                for (int d = 0; d < headSize; d++) {
                    score += (double) qkv[(first + i) * 3 * width + head * headSize + d]
                            * qkv[(first + j) * 3 * width + width + head * headSize + d];
                }
                double weight = Math.exp(score / Math.sqrt(headSize));
                total += weight;
                for (int d = 0; d < headSize; d++) {
                    mixed[d] += weight * qkv[(first + j) * 3 * width + 2 * width + head * headSize + d];
                }
            }
            for (int d = 0; d < headSize; d++) {
                out[(first + i) * width + head * headSize + d] = (float) (mixed[d] / total);
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
