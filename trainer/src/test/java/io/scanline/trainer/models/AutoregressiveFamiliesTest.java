package io.scanline.trainer.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scanline.contract.LevelSampler;
import io.scanline.trainer.ops.Libtorch;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every autoregressive family must be: a distribution over images, of which no value sees itself or those after
 * it.
 */
class AutoregressiveFamiliesTest {
    private static final ImageShape SHAPE = new ImageShape(5, 4, 6, 3);
    private static final ImageShape BINARY = new ImageShape(2, 2, 2, 3);

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    static Stream<TinyNetwork> networks() {
        return TinyNetwork.ofEveryFamily(SHAPE);
    }

    static Stream<TinyNetwork> binaryNetworks() {
        return TinyNetwork.ofEveryFamily(BINARY);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void valueChangesOnlyTheLogitsAfterIt(TinyNetwork tiny) {
        byte[] image = TinyNetwork.image(SHAPE, 2);
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

    @ParameterizedTest
    @MethodSource("networks")
    void classChangesTheLogitsWhereTheModelKnowsOfClasses(TinyNetwork tiny) {
        byte[] image = TinyNetwork.image(SHAPE, 3);
        boolean same = Arrays.equals(tiny.logits(image, 0), tiny.logits(image, 1));
        assertThat(same).isEqualTo(!tiny.network().shape().hasClasses());
    }

    @ParameterizedTest
    @MethodSource("binaryNetworks")
    void probabilitiesOfAllSmallBinaryImagesSumToOne(TinyNetwork tiny) {
        LevelSampler levels = new LevelSampler(2);
        double sum = 0;
        for (int bits = 0; bits < 16; bits++) {
            byte[] image = {(byte) (bits & 1), (byte) (bits >> 1 & 1), (byte) (bits >> 2 & 1), (byte) (bits >> 3)};
            float[] logits = tiny.logits(image, 2);
            double logProbability = 0;
            for (int i = 0; i < image.length; i++) {
                logProbability += levels.logProbability(logits, 2 * i, image[i]);
            }
            sum += Math.exp(logProbability);
        }
        assertThat(sum).isCloseTo(1, within(1e-6));
    }
}
