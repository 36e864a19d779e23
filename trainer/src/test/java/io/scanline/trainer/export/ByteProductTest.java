package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.scanline.trainer.onnx.ModelProto;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.OnnxGraph;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A product of bytes as steps in int8 have them, large enough for ONNX Runtime to share it among threads. */
class ByteProductTest {
    private static final int INPUTS = 160;
    private static final int OUTPUTS = 488; // not a multiple of a register's numbers
    private static final int ROWS = 16;
    private static final float[] X = random(ROWS * INPUTS, 1);
    private static final float[] BIAS = random(OUTPUTS, 2);
    private static final ColumnMatrix MATRIX = ColumnMatrix.of(random(INPUTS * OUTPUTS, 3), INPUTS, OUTPUTS);
    private static final ByteRange RANGE = ByteRange.of(-2, 3); // some are beyond

    private static float[] random(int count, int seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static ModelProto model() {
        OnnxGraph graph = new OnnxGraph("product");
        String x = graph.input("x", DataType.FLOAT, "rows", INPUTS);
        String scale = graph.constant("scale", new float[] {RANGE.step()});
        String zero = graph.constant("zero", DataType.UINT8, new byte[] {(byte) RANGE.zero()});
        String bytes = graph.node(Int8Graph.ROUNDING, List.of(x, scale, zero));
        graph.node(
                OnnxGraph.MICROSOFT,
                Int8Graph.PRODUCT,
                List.of(
                        bytes,
                        graph.constant("w", DataType.INT8, MATRIX.numbers(), INPUTS, OUTPUTS),
                        scale,
                        graph.constant("scales", MATRIX.scales(), OUTPUTS),
                        zero,
                        "",
                        graph.constant("bias", BIAS, OUTPUTS)),
                List.of("y"));
        graph.output("y", DataType.FLOAT, "rows", OUTPUTS);
        return graph.build();
    }

    /** Some rows of x times the matrix, (rows, {@link #OUTPUTS}). */
    private static float[] product(int first, int rows, int threads) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            FloatBuffer some = FloatBuffer.wrap(Arrays.copyOfRange(X, first * INPUTS, (first + rows) * INPUTS));
            try (OrtSession session = environment.createSession(model().toByteArray(), options);
                    OnnxTensor x = OnnxTensor.createTensor(environment, some, new long[] {rows, INPUTS});
                    OrtSession.Result result = session.run(Map.of("x", x))) {
                float[] y = new float[rows * OUTPUTS];
                ((OnnxTensor) result.get(0)).getFloatBuffer().get(y);
                return y;
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "3, 1", "3, 2", "8, 1", "8, 2", "16, 1", "16, 2"})
    void rowHasTheSameBytesWithOthersAndByAnyThread(int rows, int threads) throws OrtException {
        float[] together = product(0, rows, threads);
        for (int row = 0; row < rows; row++) {
            assertThat(Arrays.copyOfRange(together, row * OUTPUTS, (row + 1) * OUTPUTS))
                    .isEqualTo(product(row, 1, 1));
        }
    }

    @Test
    void sumsAreThoseOfWholeNumbers() throws OrtException {
        float[] found = product(0, ROWS, 1);
        for (int row = 0; row < ROWS; row++) {
            int offset = row * INPUTS;
            double[] exact = MATRIX.times(IntStream.range(offset, offset + INPUTS)
                    .mapToDouble(i -> RANGE.nearest(X[i]))
                    .toArray());
            for (int n = 0; n < OUTPUTS; n++) {
                assertThat(Math.abs(found[row * OUTPUTS + n] - exact[n] - BIAS[n])).isLessThan(2e-5);
            }
        }
    }
}
