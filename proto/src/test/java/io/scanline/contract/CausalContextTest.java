package io.scanline.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scanline.bundle.v1.Autoregression;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CausalContextTest {
    private static CausalContext context(int channels, int... offsets) {
        Autoregression.Builder autoregression = Autoregression.newBuilder();
        for (int i = 0; i < offsets.length; i += 2) {
            autoregression.addContext(Offset.newBuilder().setRows(offsets[i]).setColumns(offsets[i + 1]));
        }
        return new CausalContext(
                ImageGeometry.newBuilder().setWidth(3).setHeight(2).setChannels(channels).setLevels(9).build(),
                autoregression.build());
    }

    private static long[] gather(CausalContext context, byte[] values, int index) {
        long[] shown = new long[context.size()];
        context.gather(values, index, shown, 0);
        return shown;
    }

    @Test
    void neighboursAreThoseAtTheOffsets() {
        CausalContext context = context(1, 0, -1, -1, -1, -1, 0, -1, 1);
        byte[] image = {0, 1, 2, 3, 4, 5};
        assertThat(gather(context, image, 4)).containsExactly(3, 0, 1, 2);
    }

    @Test
    void outsideTheImageTheyAreOnePastTheLastLevel() {
        CausalContext context = context(1, 0, -1, -1, -1, -1, 0, -1, 1);
        byte[] image = {0, 1, 2, 3, 4, 5};
        assertThat(gather(context, image, 0)).containsExactly(9, 9, 9, 9);
        assertThat(gather(context, image, 3)).containsExactly(9, 9, 0, 1);
        assertThat(gather(context, image, 5)).containsExactly(4, 1, 2, 9);
    }

    @Test
    void neighboursAreOfTheSameChannel() {
        byte[] image = {0, 1, 2, 3, 4, 5};
        assertThat(gather(context(2, 0, -1), image, 3)).containsExactly(1);
    }

    @Test
    void everyPlaceOfAnImageSeesItsNeighbours() {
        int[] offsets = {0, -1, 0, -2, -1, -2, -1, 0, -1, 1, -2, 2};
        Autoregression.Builder autoregression = Autoregression.newBuilder();
        for (int i = 0; i < offsets.length; i += 2) {
            autoregression.addContext(Offset.newBuilder().setRows(offsets[i]).setColumns(offsets[i + 1]));
        }
        int width = 7;
        CausalContext context = new CausalContext(
                ImageGeometry.newBuilder().setWidth(width).setHeight(5).setChannels(2).setLevels(99).build(),
                autoregression.build());
        byte[] image = new byte[width * 5 * 2];
        for (int i = 0; i < image.length; i++) {
            image[i] = (byte) i;
        }
        for (int index = 0; index < image.length; index++) {
            long[] shown = gather(context, image, index);
            for (int k = 0; k < shown.length; k++) {
                int y = index / 2 / width + offsets[2 * k];
                int x = index / 2 % width + offsets[2 * k + 1];
                boolean inside = y >= 0 && x >= 0 && x < width;
                assertThat(shown[k]).isEqualTo(inside ? (y * width + x) * 2 + index % 2 : 99);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0,1", "1,-5"})
    void offsetsThatAreNotBeforeTheValueAreRefused(int rows, int columns) {
        assertThatThrownBy(() -> context(1, rows, columns))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not causal");
    }
}
