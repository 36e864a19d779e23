package io.scanline.trainer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.scanline.trainer.data.ImageSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class PositionTableTest {
    @Test
    void everyPlaceHasCountsOfItsOwn() {
        PositionTable table = PositionTable.fit(images(0, 1, 0, 2, 0, 1), 0.5);
        // (3 + 0.5) / (3 + 1.5) at the first place, (2 + 0.5) / 4.5 at the second.
        Likelihood likelihood = table.evaluate(images(0, 1));
        assertThat(likelihood.nats()).isCloseTo(-Math.log(3.5 / 4.5) - Math.log(2.5 / 4.5), within(1e-12));
        assertThat(likelihood.images()).isEqualTo(1);
    }

    @Test
    void probabilitiesOfAllImagesSumToOne() {
        PositionTable table = PositionTable.fit(images(0, 1, 0, 2, 0, 1), 0.4);
        double sum = 0;
        for (int first = 0; first < 3; first++) {
            for (int second = 0; second < 3; second++) {
                sum += Math.exp(-table.evaluate(images(first, second)).nats());
            }
        }
        assertThat(sum).isCloseTo(1, within(1e-12));
    }

    @Test
    void imagesOfAnotherSizeAreRefused() {
        PositionTable table = PositionTable.fit(images(0, 1), 0.4);
        ImageSet wider = new ImageSet(new byte[3], new int[1], 3, 1, 1, 3, List.of("any"));
        assertThatThrownBy(() -> table.evaluate(wider)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Images of two values of three levels. */
    private static ImageSet images(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return new ImageSet(bytes, new int[values.length / 2], 2, 1, 1, 3, List.of("any"));
    }
}
