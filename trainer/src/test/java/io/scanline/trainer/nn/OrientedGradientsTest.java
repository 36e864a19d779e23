package io.scanline.trainer.nn;

import static io.scanline.trainer.ops.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.BothInterpreters;
import io.scanline.trainer.ops.BothInterpreters.Expression;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.TorchNumbers;
import io.scanline.trainer.ops.TorchOps;
import io.scanline.trainer.ops.Unordered;
import io.scanline.trainer.training.Parameters;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class OrientedGradientsTest {
    private static final int DIRECTIONS = 6;
    private static final OrientedGradients GRADIENTS = new OrientedGradients(new Planes(4, 16, 16), DIRECTIONS);
    private static final int CELLS = 16;

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    /** Opaque, dark to the left and above the middle, bright elsewhere; the middle runs down or across. */
    private static Tensor edge(boolean down, float contrast) {
        float[] image = new float[4 * 16 * 16];
        for (int i = 0; i < image.length; i++) {
            int along = down ? i % 16 : i / 16 % 16;
            image[i] = i >= 3 * 256 ? 1 : 0.5f + (along < 8 ? -contrast : contrast) / 2;
        }
        return torch.tensor(image).reshape(1, 4, 16, 16);
    }

    /** (28, 4, 4) flat: histograms of six directions for each channel, then the colours. */
    private static float[] of(Tensor image) {
        return TorchNumbers.of(GRADIENTS.apply(new TorchOps(Map.of()), image));
    }

    /** Of the first channel, in the cell left of the middle and above it. */
    private static float[] histogram(float[] planes) {
        float[] histogram = new float[DIRECTIONS];
        for (int k = 0; k < DIRECTIONS; k++) {
            histogram[k] = planes[k * CELLS + 5];
        }
        return histogram;
    }

    @Test
    void sizeIsThatOfTheCells() {
        assertThat(GRADIENTS.planes()).isEqualTo(new Planes(28, 4, 4));
        assertThat(GRADIENTS.apply(new TorchOps(Map.of()), torch.rand(3, 4, 16, 16)).shape()).containsExactly(3, 28, 4, 4);
    }

    @Test
    void edgesCountForTheirDirection() {
        float[] down = histogram(of(edge(true, 0.8f)));
        float[] across = histogram(of(edge(false, 0.8f)));
        assertThat(down[0]).isGreaterThan(0.6f);
        assertThat(across[3]).isGreaterThan(0.6f);
        assertThat(down[1]).isEqualTo(down[5]).isGreaterThan(0).isLessThan(down[0]);
        assertThat(new float[] {down[2], down[3], down[4], across[0], across[1], across[5]}).containsOnly(0);
    }

    @Test
    void weakEdgesCountForMoreThanTheirStrengthAndWhichSideIsBrighterDoesNotMatter() {
        float[] strong = histogram(of(edge(true, 0.8f)));
        assertThat(histogram(of(edge(true, -0.8f)))).containsExactly(strong);
        assertThat(histogram(of(edge(true, 0.4f)))[0]).isBetween(0.6f * strong[0], 0.8f * strong[0]);
    }

    @Test
    void coloursAreMeansOfCellsAndNothingHasNoEdges() {
        float[] planes = of(edge(true, 0.8f));
        assertThat(planes[24 * CELLS]).isCloseTo(-0.8f, within(1e-6f));
        assertThat(planes[24 * CELLS + 3]).isCloseTo(0.8f, within(1e-6f));
        assertThat(planes[27 * CELLS]).isCloseTo(1, within(1e-6f));
        float[] nothing = of(torch.zeros(1, 4, 16, 16));
        assertThat(Arrays.copyOf(nothing, 24 * CELLS)).containsOnly(0);
        assertThat(Arrays.copyOfRange(nothing, 24 * CELLS, nothing.length)).containsOnly(-1);
    }

    @Test
    void imagesDoNotDependOnOthersOfTheBatchNorOnTheInterpreter() throws OrtException {
        Expression expression = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return GRADIENTS.apply(ops, inputs.get(0));
            }
        };
        BothInterpreters both = new BothInterpreters(Parameters.initial(List.of(), 1), new Unordered());
        Tensor images = torch.rand(3, 4, 16, 16);
        float[] together = both.onnx(expression, DataType.FLOAT, images);
        assertClose(together, both.torch(expression, images));
        for (int n = 0; n < 3; n++) {
            assertThat(both.onnx(expression, DataType.FLOAT, images.narrow(0, n, 1).contiguous()))
                    .isEqualTo(Arrays.copyOfRange(together, n * 28 * CELLS, (n + 1) * 28 * CELLS));
        }
    }
}
