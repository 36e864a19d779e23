package io.scanline.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.contract.PixelRows;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SquarePictureTest {
    @Property(tries = 200)
    void plainPictureStaysItsColourAtAnySize(
            @ForAll @IntRange(min = 1, max = 50) int width,
            @ForAll @IntRange(min = 1, max = 50) int height,
            @ForAll @IntRange(min = 1, max = 40) int edge,
            @ForAll @IntRange(min = 1, max = 255) int alpha,
            @ForAll @IntRange(max = 0xFFFFFF) int rgb) {
        SquarePicture square = SquarePicture.of(PixelRows.of(Drawings.plain(width, height, alpha << 24 | rgb)), edge);

        assertThat(square.rgba()).hasSize(edge * edge * 4);
        for (int i = 0; i < square.rgba().length; i += 4) {
            assertThat(colour(square, i)).isEqualTo(alpha << 24 | rgb);
        }
    }

    @Test
    void pixelIsTheMeanOfTheAreaThatItCovers() {
        // 3 x 3 to 2 x 2: a pixel covers one whole, two half and one quarter pixel.
        BufferedImage picture = Drawings.plain(3, 3, 0xFF000000);
        picture.setRGB(0, 0, 0xFF0000E1);
        picture.setRGB(1, 1, 0xFF00E100);

        SquarePicture square = SquarePicture.of(PixelRows.of(picture), 2);

        assertThat(colour(square, 0)).isEqualTo(0xFF000000 | Math.round(0.25f / 2.25f * 225) << 8 | 100);
        assertThat(colour(square, 4)).isEqualTo(0xFF000000 | 25 << 8);
        assertThat(colour(square, 12)).isEqualTo(0xFF000000 | 25 << 8);
    }

    @Test
    void colourOfWhatIsTransparentDoesNotBleed() {
        BufferedImage picture = new BufferedImage(2, 2, BufferedImage.TYPE_INT_ARGB);
        picture.setRGB(0, 0, 0xFFFF0000);
        picture.setRGB(1, 0, 0x0000FF00);
        picture.setRGB(0, 1, 0x0000FF00);
        picture.setRGB(1, 1, 0x0000FF00);

        assertThat(colour(SquarePicture.of(PixelRows.of(picture), 1), 0)).isEqualTo(64 << 24 | 0xFF0000);
    }

    @Test
    void whollyTransparentPixelsAreZeros() {
        SquarePicture square = SquarePicture.of(PixelRows.of(Drawings.plain(4, 4, 0x00FF8040)), 2);

        assertThat(square.rgba()).containsOnly(0);
        assertThat(square.transparent()).isTrue();
    }

    @Test
    void middleOfALongPictureIsTaken() {
        BufferedImage wide = Drawings.plain(7, 3, 0xFFFF0000);
        BufferedImage high = Drawings.plain(3, 7, 0xFFFF0000);
        for (int y = 0; y < 3; y++) {
            for (int x = 2; x < 5; x++) {
                wide.setRGB(x, y, 0xFF0000FF);
                high.setRGB(y, x, 0xFF0000FF);
            }
        }

        for (BufferedImage picture : Arrays.asList(wide, high)) {
            SquarePicture square = SquarePicture.of(PixelRows.of(picture), 2);
            for (int i = 0; i < 16; i += 4) {
                assertThat(colour(square, i)).isEqualTo(0xFF0000FF);
            }
        }
    }

    @Test
    void storedGreysAreKeptAsTheyAre() {
        SquarePicture square = SquarePicture.of(PixelRows.of(Drawings.grey(4, 4, 100)), 2);

        assertThat(colour(square, 0)).isEqualTo(0xFF646464);
        assertThat(square.coloured()).isFalse();
        assertThat(square.transparent()).isFalse();
    }

    private static int colour(SquarePicture square, int at) {
        byte[] rgba = square.rgba();
        return (rgba[at + 3] & 0xFF) << 24 | (rgba[at] & 0xFF) << 16 | (rgba[at + 1] & 0xFF) << 8 | rgba[at + 2] & 0xFF;
    }
}
