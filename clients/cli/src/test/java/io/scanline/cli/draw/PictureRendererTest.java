package io.scanline.cli.draw;

import static io.scanline.cli.image.Picture.UNDECIDED;
import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.cli.image.Picture;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PictureRendererTest {
    private static final Picture KNOWN = new Picture(2, 2, new int[] {0x000000, 0xFFFFFF, 0xFF0000, 0xFFFFFF});
    private static final Picture HALF_DONE = new Picture(2, 2, new int[] {0x808080, 0x808080, UNDECIDED, UNDECIDED});

    @Test
    void truecolorSetsTheUpperPixelOnTheLowerOne() {
        assertThat(PictureRenderer.of(ColorMode.TRUECOLOR).lines(KNOWN))
                .containsExactly("\u001b[38;2;0;0;0m\u001b[48;2;255;0;0m\u2580"
                        + "\u001b[38;2;255;255;255m\u001b[48;2;255;255;255m\u2580\u001b[0m");
    }

    @Test
    void paletteDoesTheSameInTheColorsOfXterm() {
        assertThat(PictureRenderer.of(ColorMode.PALETTE).lines(KNOWN))
                .containsExactly("\u001b[38;5;16m\u001b[48;5;196m\u2580"
                        + "\u001b[38;5;231m\u001b[48;5;231m\u2580\u001b[0m");
    }

    @Test
    void plainTurnsMeanBrightnessIntoInk() {
        assertThat(PictureRenderer.of(ColorMode.PLAIN).lines(KNOWN)).containsExactly("-@");
    }

    @Test
    void undecidedPixelsAreAFaintChecker() {
        assertThat(PictureRenderer.of(ColorMode.TRUECOLOR).lines(HALF_DONE))
                .containsExactly("\u001b[38;2;128;128;128m\u001b[48;2;44;44;56m\u2580"
                        + "\u001b[48;2;28;28;38m\u2580\u001b[0m");
        // Half-known cells show what is known.
        assertThat(PictureRenderer.of(ColorMode.PLAIN).lines(HALF_DONE)).containsExactly("**");
        Picture unknown = new Picture(2, 4, new int[] {-1, -1, -1, -1, -1, -1, -1, -1});
        assertThat(PictureRenderer.of(ColorMode.PLAIN).lines(unknown)).containsExactly(". ", " .");
    }

    @Test
    void theLastRowOfAnOddHeightHasNothingBelow() {
        Picture row = new Picture(1, 1, new int[] {0x010203});

        assertThat(PictureRenderer.of(ColorMode.TRUECOLOR).lines(row))
                .containsExactly("\u001b[38;2;1;2;3m\u2580\u001b[0m");
    }

    @Property(tries = 300)
    void aPaletteColorIsNoFurtherThanTheStepsOfTheRamp(@ForAll @IntRange(max = 255) int grey) {
        int index = XtermPalette.nearest(grey * 0x010101);
        int shown = index >= 232 ? 8 + 10 * (index - 232) : new int[] {0, 95, 135, 175, 215, 255}[(index - 16) % 6];

        assertThat(Math.abs(shown - grey)).isLessThanOrEqualTo(9);
    }
}
