package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ShrinkingTest {
    private static final int WHITE = 0xFFFFFFFF;
    private static final int BLACK = 0xFF000000;

    private static int[] pixels(BufferedImage picture) {
        return picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
    }

    @Test
    void pixelIsTheMeanOfItsArea() {
        BufferedImage small = Shrinking.toFit(2, 4, 2, new int[] {
            WHITE, WHITE, WHITE, BLACK,
            WHITE, WHITE, BLACK, BLACK
        });
        assertThat(pixels(small)).containsExactly(WHITE, 0xFF404040);
    }

    @Test
    void transparentPixelsLendNoColour() {
        BufferedImage small = Shrinking.toFit(1, 2, 2, new int[] {0xFFFF0000, 0x0000FF00, 0, 0xFF0000FF});
        assertThat(pixels(small)).containsExactly(0x80800080);
        assertThat(pixels(Shrinking.toFit(1, 2, 2, new int[4]))).containsExactly(0);
    }

    @Test
    void proportionsAreKeptAndNoSideVanishes() {
        BufferedImage flat = Shrinking.toFit(10, 100, 3, new int[300]);
        assertThat(new int[] {flat.getWidth(), flat.getHeight()}).containsExactly(10, 1);
        BufferedImage upright = Shrinking.toFit(30, 28, 72, new int[28 * 72]);
        assertThat(new int[] {upright.getWidth(), upright.getHeight()}).containsExactly(12, 30);
    }

    @Test
    void uniformPictureStaysUniformAtEverySize() {
        int[] grey = new int[7 * 5];
        Arrays.fill(grey, 0xFF7B7B7B);
        for (int size = 1; size <= 9; size++) {
            assertThat(pixels(Shrinking.toFit(size, 7, 5, grey))).containsOnly(0xFF7B7B7B);
        }
    }

    @Test
    void nothingIsMadeLarger() {
        int[] own = {WHITE, BLACK, 0, 0x80402010, WHITE, BLACK};
        assertThat(pixels(Shrinking.toFit(0, 3, 2, own))).isEqualTo(own);
        assertThat(pixels(Shrinking.toFit(3, 3, 2, own))).isEqualTo(own);
        assertThat(pixels(Shrinking.toFit(4096, 3, 2, own))).isEqualTo(own);
    }
}
