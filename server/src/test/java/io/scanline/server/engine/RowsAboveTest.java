package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a row graph is shown of an image. */
class RowsAboveTest {
    private static final byte[] IMAGE = {0, 1, 2, 3, 4, 5, (byte) 250, 7, 8};

    private static long[] shown(int rows, int row) {
        RowsAbove above = new RowsAbove(rows, 3, 251);
        long[] shown = new long[1 + above.size()];
        above.gather(IMAGE, row, shown, 1);
        return shown;
    }

    @Test
    void rowsAboveAreShownTheTopmostFirst() {
        assertThat(shown(2, 2)).containsExactly(0, 0, 1, 2, 3, 4, 5);
        assertThat(shown(1, 3)).containsExactly(0, 250, 7, 8);
    }

    @Test
    void outsideTheImageIsOnePastTheLastLevel() {
        assertThat(shown(2, 0)).containsExactly(0, 251, 251, 251, 251, 251, 251);
        assertThat(shown(2, 1)).containsExactly(0, 251, 251, 251, 0, 1, 2);
    }

    @Test
    void modelThatIsShownNoRowsTakesNoRoom() {
        assertThat(shown(0, 1)).containsExactly(0);
    }
}
