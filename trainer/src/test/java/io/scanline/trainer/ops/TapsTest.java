package io.scanline.trainer.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scanline.bundle.v1.Offset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TapsTest {
    @Test
    void neighboursBeforeAreThoseOfAMaskRowByRow() {
        assertThat(Taps.before(1, 1))
                .containsExactly(Taps.offset(-1, -1), Taps.offset(-1, 0), Taps.offset(-1, 1), Taps.offset(0, -1));
        assertThat(Taps.before(2, 3)).hasSize(2 * 7 + 3);
        assertThat(new Taps.Neighbours(5, Taps.before(2, 3), true).causal()).isTrue();
    }

    @Test
    void neighboursAboveLeaveOutTheOwnRow() {
        assertThat(Taps.above(2, 1)).hasSize(6).allMatch(offset -> offset.getRows() < 0);
    }

    @Test
    void neighbourBelowOrOwnPositionIsRefused() {
        for (Offset wrong : List.of(Taps.offset(1, 0), Taps.offset(0, 0))) {
            assertThatThrownBy(() -> new Taps.Neighbours(5, List.of(wrong), false))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new Taps.Lags(List.of(1, 0), true)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void stepCannotReadANeighbourThatComesAfterIt() {
        Taps right = new Taps.Neighbours(5, List.of(Taps.offset(0, 1)), true);
        assertThatThrownBy(() -> new CachedStep(20).gather(new OnnxGraph("test"), "x", 3, right))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("after");
    }

    @Test
    void weightsForOtherTapsAreRefused() {
        OnnxOps ops = new OnnxOps(
                new OnnxGraph("test"),
                Map.of("weight", new OnnxOps.Values(new long[] {3, 1, 1}, new float[3])),
                new WholeImage(4));
        Taps two = new Taps.Lags(List.of(1), true);
        String weight = ops.parameter("weight");
        assertThatThrownBy(() -> ops.convolve("x", weight, "bias", two))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 weights for 2 taps");
    }
}
