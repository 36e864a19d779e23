package io.scanline.trainer.models;

import static io.scanline.trainer.ops.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import io.scanline.contract.LevelSampler;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.BothInterpreters;
import io.scanline.trainer.ops.FullAttention;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.training.Batch;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageTransformerTest {
    private static final ImageShape SHAPE = new ImageShape(5, 4, 6, 3);

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 10})
    void onnxGraphGivesTheLogitsOfLibtorch(int window) throws OrtException {
        TinyNetwork tiny = TinyNetwork.of(SHAPE, window, 0);
        byte[] image = randomImage(1);
        BothInterpreters.Expression logits = new BothInterpreters.Expression() {
            @Override
            public <T> T of(Ops<T> ops, List<T> inputs) {
                return tiny.network().logits(ops, inputs.get(0), inputs.get(1), inputs.get(2));
            }
        };
        Batch batch = Batch.of(tiny.network(), List.of(image), new int[] {2});
        BothInterpreters both = new BothInterpreters(
                tiny.parameters(), new FullAttention(SHAPE.values(), tiny.network().headSize()));
        assertClose(
                both.onnx(logits, DataType.FLOAT, batch.shown(), batch.position(), batch.label()),
                tiny.logits(image, 2));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void valueChangesOnlyTheLogitsAfterIt(int window) {
        TinyNetwork tiny = TinyNetwork.of(SHAPE, window);
        byte[] image = randomImage(2);
        float[] before = tiny.logits(image, 1);
        for (int changed = 0; changed < SHAPE.values(); changed++) {
            byte[] other = image.clone();
            other[changed] = (byte) ((other[changed] + 1) % SHAPE.levels());
            float[] after = tiny.logits(other, 1);
            int known = (changed + 1) * SHAPE.levels();
            assertThat(Arrays.copyOf(after, known))
                    .as("logits up to value %d", changed)
                    .isEqualTo(Arrays.copyOf(before, known));
            if (known < before.length) {
                assertThat(Arrays.copyOfRange(after, known, after.length))
                        .as("logits after value %d", changed)
                        .isNotEqualTo(Arrays.copyOfRange(before, known, before.length));
            }
        }
    }

    @Test
    void classChangesTheLogits() {
        TinyNetwork tiny = TinyNetwork.of(SHAPE, 0);
        byte[] image = randomImage(3);
        assertThat(tiny.logits(image, 0)).isNotEqualTo(tiny.logits(image, 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void probabilitiesOfAllSmallBinaryImagesSumToOne(int label) {
        TinyNetwork tiny = TinyNetwork.of(new ImageShape(2, 2, 2, 3), 0, 2);
        LevelSampler levels = new LevelSampler(2);
        double sum = 0;
        for (int bits = 0; bits < 16; bits++) {
            byte[] image = {(byte) (bits & 1), (byte) (bits >> 1 & 1), (byte) (bits >> 2 & 1), (byte) (bits >> 3)};
            float[] logits = tiny.logits(image, label);
            double logProbability = 0;
            for (int i = 0; i < image.length; i++) {
                logProbability += levels.logProbability(logits, 2 * i, image[i]);
            }
            sum += Math.exp(logProbability);
        }
        assertThat(sum).isCloseTo(1, within(1e-6));
    }

    @Test
    void neighbourhoodIsAllWithinReachThatComesBefore() {
        ImageTransformer network =
                new ImageTransformer(SHAPE, new ImageTransformer.Config(8, 1, 2, 8, 2, List.of(0)));
        assertThat(network.context()).hasSize(12).allMatch(offset ->
                offset.getRows() < 0 || offset.getRows() == 0 && offset.getColumns() < 0);
    }

    private static byte[] randomImage(long seed) {
        Random random = new Random(seed);
        byte[] image = new byte[SHAPE.values()];
        for (int i = 0; i < image.length; i++) {
            image[i] = (byte) random.nextInt(SHAPE.levels());
        }
        return image;
    }
}
