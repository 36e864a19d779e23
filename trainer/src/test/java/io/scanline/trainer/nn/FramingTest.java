package io.scanline.trainer.nn;

import static io.scanline.trainer.ops.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

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

class FramingTest {
    private static final int EDGE = 32;
    private static final int VALUES = 4 * EDGE * EDGE;
    private static final Framing FRAMING = framing(0, 0);

    private static Framing framing(double shift, double zoom) {
        return new Framing(new Planes(4, EDGE, EDGE), new Framing.Frame(4, shift, zoom));
    }

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    /** A white disc on nothing. */
    private static float[] disc(double middleX, double middleY, double radius) {
        float[] image = new float[VALUES];
        for (int y = 0; y < EDGE; y++) {
            for (int x = 0; x < EDGE; x++) {
                float shown = (float) Math.max(0, Math.min(1, radius + 0.5 - Math.hypot(x - middleX, y - middleY)));
                for (int channel = 0; channel < 4; channel++) {
                    image[(channel * EDGE + y) * EDGE + x] = shown;
                }
            }
        }
        return image;
    }

    private static Tensor batch(float[]... images) {
        float[] all = new float[images.length * VALUES];
        for (int n = 0; n < images.length; n++) {
            System.arraycopy(images[n], 0, all, n * VALUES, VALUES);
        }
        return torch.tensor(all).reshape(images.length, 4, EDGE, EDGE);
    }

    private static float[] framed(float[] image) {
        return TorchNumbers.of(FRAMING.apply(new TorchOps(Map.of()), batch(image)));
    }

    private static double difference(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.abs(a[i] - b[i]);
        }
        return sum / a.length;
    }

    @Test
    void whatIsShownComesToOnePlaceAndSize() {
        float[] expected = disc(15.5, 15.5, 16);
        assertThat(difference(framed(disc(9, 20, 6)), expected)).isLessThan(0.08); // soft edges, enlarged
        assertThat(difference(framed(disc(16, 15, 12)), expected)).isLessThan(0.08); // soft edges, enlarged
        assertThat(difference(disc(16, 15, 12), expected)).isGreaterThan(0.2);
    }

    @Test
    void smallThingsGrowNoLargerThanAPixelIsAndNothingStaysNothing() {
        assertThat(framed(new float[VALUES])).containsOnly(0);
        float[] dot = new float[VALUES];
        for (int channel = 0; channel < 4; channel++) {
            dot[(channel * EDGE + 3) * EDGE + 5] = 1;
        }
        float[] grown = framed(dot);
        for (float value : grown) {
            assertThat(value).isBetween(0f, 1f);
        }
        // The square is 4 pixels wide, so that a pixel becomes 8, and fades over as many around it.
        assertThat(grown[16 * EDGE + 16]).isGreaterThan(0.8f);
        assertThat(grown[16 * EDGE + 4]).isZero();
    }

    @Test
    void imagesDoNotDependOnOthersOfTheBatchNorOnTheInterpreter() throws OrtException {
        float[][] images = {disc(9, 20, 6), new float[VALUES], TorchNumbers.of(torch.rand(4, EDGE, EDGE))};
        Expression expression = new Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return FRAMING.apply(ops, inputs.get(0));
            }
        };
        BothInterpreters both = new BothInterpreters(Parameters.initial(List.of(), 1), new Unordered());
        float[] together = both.onnx(expression, DataType.FLOAT, batch(images));
        assertClose(together, both.torch(expression, batch(images)));
        for (int n = 0; n < images.length; n++) {
            assertThat(both.onnx(expression, DataType.FLOAT, batch(images[n])))
                    .isEqualTo(Arrays.copyOfRange(together, n * VALUES, (n + 1) * VALUES));
        }
    }

    @Test
    void trainingMovesTheFrameAndNothingElseDoes() {
        Tensor image = batch(disc(9, 20, 6), disc(9, 20, 6));
        TorchOps plain = new TorchOps(Map.of());
        float[] still = TorchNumbers.of(FRAMING.apply(plain, image));
        assertThat(TorchNumbers.of(framing(2, 0.2).apply(plain, image))).isEqualTo(still);
        assertThat(TorchNumbers.of(FRAMING.apply(plain.jittering(1), image))).isEqualTo(still);
        float[] moved = TorchNumbers.of(framing(2, 0.2).apply(plain.jittering(1), image));
        assertThat(moved).isEqualTo(TorchNumbers.of(framing(2, 0.2).apply(plain.jittering(1), image)));
        assertThat(moved).isNotEqualTo(TorchNumbers.of(framing(2, 0.2).apply(plain.jittering(2), image)));
        assertThat(Arrays.copyOf(moved, VALUES)).isNotEqualTo(Arrays.copyOfRange(moved, VALUES, 2 * VALUES));
        assertThat(difference(moved, still)).isBetween(0.01, 0.15);
    }
}
